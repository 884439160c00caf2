const kScaled_A = 2u;
const kMinimum_A = false;

// The rest: the scale, and those of its eighths.
fn quants_A(at: vec2<u32>, i: u32, part: u32) -> vec4<u32> { return values_of(nibbles(words[at.x + i], part)); }
fn scale_A(at: vec2<u32>, i: u32, part: u32) -> vec2<f32> {
  let head = rest[at.y + (i >> 3u) * 2u];
  let u = i & 7u;
  let low = (rest[at.y + (i >> 3u) * 2u + 1u] >> (4u * u)) & 15u;
  let high = (head >> (16u + 2u * u)) & 3u;
  return vec2<f32>(unpack2x16float(head).x * (f32(low | (high << 4u)) - 32.0), 0.0);
}
