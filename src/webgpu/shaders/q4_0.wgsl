@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // a block's nibbles
@group(0) @binding(1) var<storage, read> rest: array<u32>;         // its scale

fn decode(unit: u32) -> array<vec4<f32>, 8> {
  let d = half(unit);
  let q = words[unit];
  var out: array<vec4<f32>, 8>;
  for (var i = 0u; i < 4u; i++) {
    out[i] = d * (bytes(q[i] & 0x0f0f0f0fu) - 8.0);
    out[i + 4u] = d * (bytes((q[i] >> 4u) & 0x0f0f0f0fu) - 8.0);
  }
  return out;
}
