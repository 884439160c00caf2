// activation(gate) · up
@group(0) @binding(2) var<storage, read> gate: array<vec4<f32>>;  // [rows of the step, COLUMNS]
@group(0) @binding(8) var<storage, read> up: array<vec4<f32>>;
fn load(row: u32, i: u32, squares: ptr<function, f32>) -> vec4<f32> {
  let at = row * (COLUMNS / 4u) + i;
  return activation(gate[at]) * up[at];
}
fn factor(squares: f32) -> f32 { return 1.0; }
