// A span is the nibbles of the same bytes.
fn units_A(span: u32) -> vec2<u32> { return vec2<u32>(2u * span, 2u * span + 1u); }
fn load_A(at: vec2<u32>, i: u32) -> Raw {
  let block = at.x + (i >> 2u) * 9u;
  let q = block + 1u + (i & 3u) * 2u;
  var w: Raw;
  w.a = words[q];
  w.b = words[q + 1u];
  w.e = words[block];
  return w;
}
fn dot_A(w: Raw, i: u32, x: Span) -> f32 {
  let first = dot16(low(w.a), x.a) + dot16(low(w.b), x.b);
  let second = dot16(high(w.a), x.c) + dot16(high(w.b), x.d);
  let a = k_scales(w.e, (i & 3u) * 2u);
  let b = k_scales(w.e, (i & 3u) * 2u + 1u);
  return (a.x * x.s.x * f32(first) - a.y * x.s.y) + (b.x * x.s.z * f32(second) - b.y * x.s.w);
}
