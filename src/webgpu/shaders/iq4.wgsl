// The values that the nibbles of IQ4_NL and IQ4_XS stand for.
const kValues = array<f32, 16>(-127.0, -104.0, -83.0, -65.0, -49.0, -35.0, -22.0, -10.0, 1.0, 13.0, 25.0, 38.0, 53.0,
                               69.0, 89.0, 113.0);
fn values(word: u32) -> vec4<f32> {
  var table = kValues;
  return vec4<f32>(table[word & 15u], table[(word >> 8u) & 15u], table[(word >> 16u) & 15u], table[word >> 24u]);
}
fn iq4(d: f32, q: vec4<u32>) -> array<vec4<f32>, 8> {
  var out: array<vec4<f32>, 8>;
  for (var i = 0u; i < 4u; i++) {
    out[i] = d * values(q[i] & 0x0f0f0f0fu);
    out[i + 4u] = d * values((q[i] >> 4u) & 0x0f0f0f0fu);
  }
  return out;
}
