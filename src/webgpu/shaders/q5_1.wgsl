@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // a block's nibbles
@group(0) @binding(1) var<storage, read> rest: array<u32>;         // its scale, minimum and fifth bits

fn decode(unit: u32) -> array<vec4<f32>, 8> {
  let dm = unpack2x16float(rest[unit * 2u]);
  let high = rest[unit * 2u + 1u];
  let q = words[unit];
  var out: array<vec4<f32>, 8>;
  for (var i = 0u; i < 4u; i++) {
    out[i] = dm.x * bytes((q[i] & 0x0f0f0f0fu) | fifth_bits(high >> (4u * i))) + dm.y;
    out[i + 4u] = dm.x * bytes(((q[i] >> 4u) & 0x0f0f0f0fu) | fifth_bits(high >> (4u * i + 16u))) + dm.y;
  }
  return out;
}
