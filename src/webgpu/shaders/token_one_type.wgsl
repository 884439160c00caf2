fn dots_of(matrix: u32, rows: array<Row, EACH>, lane: u32, lanes: u32) -> Dots {
  return dots_A(rows, array<Raw, EACH>(), lane, lanes);
}
