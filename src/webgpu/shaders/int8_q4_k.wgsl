const kScaled_A = 2u;
const kMinimum_A = true;

fn quants_A(at: vec2<u32>, i: u32, part: u32) -> vec4<u32> {
  let u = i & 7u;
  return nibbles(words[at.x + (i >> 3u) * 9u + 1u + (u >> 1u) * 2u + part], u & 1u);
}
fn scale_A(at: vec2<u32>, i: u32, part: u32) -> vec2<f32> {
  return k_scales(words[at.x + (i >> 3u) * 9u], i & 7u);
}
