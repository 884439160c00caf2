@group(0) @binding(5) var<storage, read> residual: array<f32>;
fn finish(row: u32, column: u32, value: f32) {
  let at = row * shape.stride + column;
  out[at] = with_bias(column, value) + residual[at];
}
