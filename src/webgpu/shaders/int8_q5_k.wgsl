const kScaled_A = 2u;
const kMinimum_A = true;

fn quants_A(at: vec2<u32>, i: u32, part: u32) -> vec4<u32> {
  let block = at.x + (i >> 3u) * 11u;
  let u = i & 7u;
  let fifths = (words[block + 1u + part] >> vec4<u32>(u)) & vec4<u32>(0x01010101u);
  return nibbles(words[block + 3u + (u >> 1u) * 2u + part], u & 1u) | (fifths << vec4<u32>(4u));
}
fn scale_A(at: vec2<u32>, i: u32, part: u32) -> vec2<f32> {
  return k_scales(words[at.x + (i >> 3u) * 11u], i & 7u);
}
