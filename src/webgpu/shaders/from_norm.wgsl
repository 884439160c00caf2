// RMS norm: its factor is the row's, so that it can wait until the sum of squares is known.
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;  // [rows of the step, COLUMNS]
@group(0) @binding(8) var<storage, read> norm_weight: array<vec4<f32>>;
fn load(row: u32, i: u32, squares: ptr<function, f32>) -> vec4<f32> {
  let v = x[row * (COLUMNS / 4u) + i];
  *squares += dot(v, v);
  return v * norm_weight[i];
}
fn factor(squares: f32) -> f32 { return 1.0 / sqrt(squares / f32(COLUMNS) + EPSILON); }
