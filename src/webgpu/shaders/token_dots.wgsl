// Products of one token's bytes with EACH rows, by a subgroup.
const kSpans = COLUMNS / 64u;
struct Row {
  at: vec2<u32>,  // the matrix
  row: u32,
}
struct Dots {
  rows: array<f32, EACH>,
  squares: f32,
}
// RMS norm: its factor is all that was not known when the bytes were made.
fn factor(sums: Dots) -> f32 {
  if (!NORMED) { return 1.0; }
  return 1.0 / sqrt(subgroupAdd(sums.squares) / f32(COLUMNS) + EPSILON);
}
