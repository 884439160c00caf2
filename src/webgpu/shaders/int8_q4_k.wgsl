const kScaled = 2u;  // parts of 16 with one scale
const kMinimum = true;

fn quants_of(i: u32, part: u32) -> vec4<u32> {
  let u = i & 7u;
  return (words[(i >> 3u) * 9u + 1u + (u >> 1u) * 2u + part] >> vec4<u32>((u & 1u) * 4u)) & vec4<u32>(0x0f0f0f0fu);
}
fn scale_of(i: u32, part: u32) -> vec2<f32> { return k_scales(words[(i >> 3u) * 9u], i & 7u); }
