@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> second_bias: array<f32>;
@group(0) @binding(7) var<storage, read> third_bias: array<f32>;
fn with_bias(matrix: u32, row: u32, value: f32) -> f32 {
  if (matrix == 0u) { return value + bias[row]; }
  if (matrix == 1u) { return value + second_bias[row]; }
  return value + third_bias[row];
}
