// A span of a type without a file of its own: bytes, and the scales and minimums of four parts.
fn units_A(span: u32) -> vec2<u32> { return vec2<u32>(2u * span, 2u * span + 1u); }
fn load_A(at: vec2<u32>, i: u32) -> Raw {
  var w: Raw;
  w.a = quants_A(at, 2u * i, 0u);
  w.b = quants_A(at, 2u * i, 1u);
  w.c = quants_A(at, 2u * i + 1u, 0u);
  w.d = quants_A(at, 2u * i + 1u, 1u);
  for (var part = 0u; part < 4u; part++) {
    let s = scale_A(at, 2u * i + (part >> 1u), part & 1u);
    w.e[part] = bitcast<u32>(s.x);
    w.f[part] = s.y;
  }
  return w;
}
fn four_A(w: Raw, x: Span) -> vec4<f32> {
  return vec4<f32>(vec4<i32>(dot16(w.a, x.a), dot16(w.b, x.b), dot16(w.c, x.c), dot16(w.d, x.d)));
}
fn dot_A(w: Raw, i: u32, x: Span) -> f32 {
  var sum = dot(bitcast<vec4<f32>>(w.e) * four_A(w, x), x.s.xxzz);
  if (kMinimum_A && kScaled_A == 2u) { sum -= w.f.x * x.s.y + w.f.z * x.s.w; }
  if (kMinimum_A && kScaled_A == 1u) {
    var ones: Raw;
    ones.a = vec4<u32>(0x01010101u);
    ones.b = ones.a;
    ones.c = ones.a;
    ones.d = ones.a;
    sum -= dot(w.f * four_A(ones, x), x.s.xxzz);
  }
  return sum;
}
