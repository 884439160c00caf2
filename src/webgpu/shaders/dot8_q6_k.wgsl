// A span is the units whose low bits are the nibbles of the same bytes.
fn units_A(span: u32) -> vec2<u32> {
  let first = (span >> 1u) * 4u + (span & 1u);
  return vec2<u32>(first, first + 2u);
}
fn load_A(at: vec2<u32>, i: u32) -> Raw {
  let block = at.x + (i >> 2u) * 13u;
  let which = (i >> 1u) & 1u;
  let q = block + which * 4u + (i & 1u) * 2u;
  var w: Raw;
  w.a = words[q];
  w.b = words[q + 1u];
  w.c = words[block + 8u + which * 2u];
  w.d = words[block + 9u + which * 2u];
  w.e = words[block + 12u];
  w.s.x = half(2u * at.y + (i >> 2u));
  return w;
}
// q - 32 in each byte
fn six_bits(four: vec4<u32>, two: vec4<u32>) -> vec4<u32> {
  let q = four | ((two & vec4<u32>(0x03030303u)) << vec4<u32>(4u));
  return ((q | vec4<u32>(0x80808080u)) - vec4<u32>(0x20202020u)) ^ vec4<u32>(0x80808080u);
}
fn scaled(scales: u32, first: i32, second: i32) -> f32 {
  let both = bitcast<i32>(scales << 16u);
  return f32((both << 8u) >> 24u) * f32(first) + f32(both >> 24u) * f32(second);
}
fn dot_A(w: Raw, i: u32, x: Span) -> f32 {
  let shift = (i & 1u) * 2u;
  let g = w.c >> vec4<u32>(shift);
  let h = w.d >> vec4<u32>(shift);
  let all = w.e >> vec4<u32>(shift * 8u);
  let scales = select(all.xy, all.zw, (i & 2u) != 0u);
  let a = scaled(scales.x, dot16(six_bits(low(w.a), g), x.a), dot16(six_bits(low(w.b), h), x.b));
  let b = scaled(scales.y, dot16(six_bits(high(w.a), g >> vec4<u32>(4u)), x.c),
                 dot16(six_bits(high(w.b), h >> vec4<u32>(4u)), x.d));
  return w.s.x * (x.s.x * a + x.s.z * b);
}
