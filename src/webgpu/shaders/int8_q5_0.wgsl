const kScaled_A = 2u;
const kMinimum_A = false;

// The rest: its scale and the fifth bits.
fn quants_A(at: vec2<u32>, i: u32, part: u32) -> vec4<u32> {
  let fifths = fifth_bits(half_bits(2u * at.y + 3u * i + 1u + part));
  return less(nibbles(words[at.x + i], part) | fifths, 0x10101010u);
}
fn scale_A(at: vec2<u32>, i: u32, part: u32) -> vec2<f32> { return vec2<f32>(half(2u * at.y + 3u * i), 0.0); }
