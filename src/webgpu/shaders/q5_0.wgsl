@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // a block's nibbles
@group(0) @binding(1) var<storage, read> rest: array<u32>;         // its scale and the fifth bits

fn decode(unit: u32) -> array<vec4<f32>, 8> {
  let d = half(unit * 3u);
  let high = half_bits(unit * 3u + 1u) | (half_bits(unit * 3u + 2u) << 16u);
  let q = words[unit];
  var out: array<vec4<f32>, 8>;
  for (var i = 0u; i < 4u; i++) {
    out[i] = d * (bytes((q[i] & 0x0f0f0f0fu) | fifth_bits(high >> (4u * i))) - 16.0);
    out[i + 4u] = d * (bytes(((q[i] >> 4u) & 0x0f0f0f0fu) | fifth_bits(high >> (4u * i + 16u))) - 16.0);
  }
  return out;
}
