const kScaled = 1u;  // parts of 16 with one scale
const kMinimum = false;

fn quants_of(i: u32, part: u32) -> vec4<u32> {
  let block = (i >> 3u) * 13u;
  let u = i & 7u;
  let low = words[block + (u >> 2u) * 4u + (u & 1u) * 2u + part] >> vec4<u32>(((u >> 1u) & 1u) * 4u);
  let high = words[block + 8u + (u >> 2u) * 2u + part] >> vec4<u32>((u & 3u) * 2u);
  return less((low & vec4<u32>(0x0f0f0f0fu)) | ((high & vec4<u32>(0x03030303u)) << vec4<u32>(4u)), 0x20202020u);
}
fn scale_of(i: u32, part: u32) -> vec2<f32> {
  let u = i & 7u;
  let scales = words[(i >> 3u) * 13u + 12u][u >> 1u] >> ((u & 1u) * 16u);
  return vec2<f32>(half(i >> 3u) * f32(bitcast<i32>(scales << (24u - part * 8u)) >> 24u), 0.0);
}
