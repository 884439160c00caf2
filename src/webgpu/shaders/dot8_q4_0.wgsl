fn units_A(span: u32) -> vec2<u32> { return vec2<u32>(2u * span, 2u * span + 1u); }
fn load_A(at: vec2<u32>, i: u32) -> Raw {
  var w: Raw;
  w.a = words[at.x + 2u * i];
  w.b = words[at.x + 2u * i + 1u];
  w.s = unpack2x16float(rest[at.y + i]);
  return w;
}
fn dot_A(w: Raw, i: u32, x: Span) -> f32 {
  let first = dot16(low(w.a), x.a) + dot16(high(w.a), x.b);
  let second = dot16(low(w.b), x.c) + dot16(high(w.b), x.d);
  return w.s.x * (x.s.x * f32(first) - 8.0 * x.s.y) + w.s.y * (x.s.z * f32(second) - 8.0 * x.s.w);
}
