@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // a block's nibbles
@group(0) @binding(1) var<storage, read> rest: array<u32>;         // its scale, and those of its eighths

fn decode(unit: u32) -> array<vec4<f32>, 8> {
  let block = unit >> 3u;
  let u = unit & 7u;
  let head = rest[block * 2u];
  let low = (rest[block * 2u + 1u] >> (4u * u)) & 15u;
  let high = (head >> (16u + 2u * u)) & 3u;
  return iq4(unpack2x16float(head).x * (f32(low | (high << 4u)) - 32.0), words[unit]);
}
