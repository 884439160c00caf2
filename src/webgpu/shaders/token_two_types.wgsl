// SECOND: which of the matrices, as bits, have the type of the +files.
fn dots_of(matrix: u32, rows: array<Row, EACH>, lane: u32, lanes: u32) -> Dots {
  if (((SECOND >> matrix) & 1u) == 1u) { return dots_B(rows, array<Raw, EACH>(), lane, lanes); }
  return dots_A(rows, array<Raw, EACH>(), lane, lanes);
}
