const kScaled_A = 2u;
const kMinimum_A = true;

fn quants_A(at: vec2<u32>, i: u32, part: u32) -> vec4<u32> { return nibbles(words[at.x + i], part); }
fn scale_A(at: vec2<u32>, i: u32, part: u32) -> vec2<f32> {
  return unpack2x16float(rest[at.y + i]) * vec2<f32>(1.0, -1.0);
}
