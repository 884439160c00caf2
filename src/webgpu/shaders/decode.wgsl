// A unit's weights as numbers.
fn decode(unit: u32) -> array<vec4<f32>, 8> {
  var out: array<vec4<f32>, 8>;
  for (var part = 0u; part < 2u; part++) {
    let q = quants_A(vec2<u32>(0u), unit, part);
    let s = scale_A(vec2<u32>(0u), unit, part);
    for (var i = 0u; i < 4u; i++) { out[part * 4u + i] = s.x * signed_bytes(q[i]) - s.y; }
  }
  return out;
}
