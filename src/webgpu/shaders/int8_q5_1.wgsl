const kScaled_A = 2u;
const kMinimum_A = true;

// The rest: scale and minimum, and the fifth bits.
fn quants_A(at: vec2<u32>, i: u32, part: u32) -> vec4<u32> {
  return nibbles(words[at.x + i], part) | fifth_bits(rest[at.y + 2u * i + 1u] >> (16u * part));
}
fn scale_A(at: vec2<u32>, i: u32, part: u32) -> vec2<f32> {
  return unpack2x16float(rest[at.y + 2u * i]) * vec2<f32>(1.0, -1.0);
}
