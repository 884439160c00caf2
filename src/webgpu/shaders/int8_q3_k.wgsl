const kScaled_A = 1u;
const kMinimum_A = false;

// Third bits, then 2-bit quants. The rest: 12 bytes of scales, and their scale.
fn quants_A(at: vec2<u32>, i: u32, part: u32) -> vec4<u32> {
  let block = at.x + (i >> 3u) * 6u;
  let u = i & 7u;
  let thirds = (words[block + part] >> vec4<u32>(u)) & vec4<u32>(0x01010101u);
  let twos = (words[block + 2u + (u >> 2u) * 2u + part] >> vec4<u32>((u & 3u) * 2u)) & vec4<u32>(0x03030303u);
  return less(twos | (thirds << vec4<u32>(2u)), 0x04040404u);
}
fn scale_byte(first: u32, i: u32) -> u32 { return half_bits(first + (i >> 1u)) >> ((i & 1u) * 8u); }
fn scale_A(at: vec2<u32>, i: u32, part: u32) -> vec2<f32> {
  let first = 2u * at.y + (i >> 3u) * 7u;
  let j = (i & 7u) * 2u + part;
  let low = (scale_byte(first, j & 7u) >> ((j >> 3u) * 4u)) & 15u;
  let high = (scale_byte(first, 8u + (j & 3u)) >> ((j >> 2u) * 2u)) & 3u;
  return vec2<f32>(half(first + 6u) * (f32(low | (high << 4u)) - 32.0), 0.0);
}
