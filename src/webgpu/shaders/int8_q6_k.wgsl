const kScaled_A = 1u;
const kMinimum_A = false;

// Low nibbles, high pairs, scales. The rest: their scale.
fn quants_A(at: vec2<u32>, i: u32, part: u32) -> vec4<u32> {
  let block = at.x + (i >> 3u) * 13u;
  let u = i & 7u;
  let low = nibbles(words[block + (u >> 2u) * 4u + (u & 1u) * 2u + part], (u >> 1u) & 1u);
  let high = words[block + 8u + (u >> 2u) * 2u + part] >> vec4<u32>((u & 3u) * 2u);
  return less(low | ((high & vec4<u32>(0x03030303u)) << vec4<u32>(4u)), 0x20202020u);
}
fn scale_A(at: vec2<u32>, i: u32, part: u32) -> vec2<f32> {
  let u = i & 7u;
  let scales = words[at.x + (i >> 3u) * 13u + 12u][u >> 1u] >> ((u & 1u) * 16u);
  return vec2<f32>(half(2u * at.y + (i >> 3u)) * f32(bitcast<i32>(scales << (24u - part * 8u)) >> 24u), 0.0);
}
