fn units_A(span: u32) -> vec2<u32> { return vec2<u32>(2u * span, 2u * span + 1u); }
fn load_A(at: vec2<u32>, i: u32) -> Raw {
  let q = at.x + 4u * i;
  var w: Raw;
  w.a = words[q];
  w.b = words[q + 1u];
  w.c = words[q + 2u];
  w.d = words[q + 3u];
  w.s = unpack2x16float(rest[at.y + i]);
  return w;
}
fn dot_A(w: Raw, i: u32, x: Span) -> f32 {
  let first = dot16(w.a, x.a) + dot16(w.b, x.b);
  return w.s.x * x.s.x * f32(first) + w.s.y * x.s.z * f32(dot16(w.c, x.c) + dot16(w.d, x.d));
}
