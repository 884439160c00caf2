fn read_A(rows: array<Row, EACH>, span: u32) -> array<Raw, EACH> {
  var raw: array<Raw, EACH>;
  for (var r = 0u; r < EACH; r++) { raw[r] = load_A(rows[r].at, rows[r].row * kSpans + min(span, kSpans - 1u)); }
  return raw;
}
// A lane's part of the products: it takes every lanes-th span. AHEAD: it reads the next one before it needs it, and
// `ready` is what read_A() has read of the first. That helps where workgroups are few.
fn dots_A(rows: array<Row, EACH>, ready: array<Raw, EACH>, lane: u32, lanes: u32) -> Dots {
  var sums: Dots;
  var raw = ready;
  for (var span = lane; span < kSpans;) {
    if (!AHEAD) { raw = read_A(rows, span); }
    let u = units_A(span);
    let scales = vec4<f32>(x_scale(u.x), x_scale(u.y));
    let bytes = Span(x_bytes(2u * u.x), x_bytes(2u * u.x + 1u), x_bytes(2u * u.y), x_bytes(2u * u.y + 1u), scales);
    for (var r = 0u; r < EACH; r++) { sums.rows[r] += dot_A(raw[r], rows[r].row * kSpans + span, bytes); }
    if (NORMED) { sums.squares += x_scale(COLUMNS / 32u + u.x).x + x_scale(COLUMNS / 32u + u.y).x; }
    span += lanes;
    if (AHEAD && span < kSpans) { raw = read_A(rows, span); }
  }
  return sums;
}
