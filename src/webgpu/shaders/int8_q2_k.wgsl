const kScaled_A = 1u;
const kMinimum_A = true;

// Scales, then 2-bit quants. The rest: the scales of scales and minimums.
fn quants_A(at: vec2<u32>, i: u32, part: u32) -> vec4<u32> {
  let u = i & 7u;
  return (words[at.x + (i >> 3u) * 5u + 1u + (u >> 2u) * 2u + part] >> vec4<u32>((u & 3u) * 2u)) &
      vec4<u32>(0x03030303u);
}
fn scale_A(at: vec2<u32>, i: u32, part: u32) -> vec2<f32> {
  let u = i & 7u;
  let both = words[at.x + (i >> 3u) * 5u][u >> 1u] >> ((u & 1u) * 16u + part * 8u);
  return unpack2x16float(rest[at.y + (i >> 3u)]) * vec2<f32>(f32(both & 15u), f32((both >> 4u) & 15u));
}
