// As matvec.wgsl, with a thread for each row: for adapters that compute on the CPU, where a barrier costs more than
// the row.
const kUnits = COLUMNS / 32u;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;     // [rows of the step, COLUMNS]
@group(0) @binding(3) var<storage, read_write> out: array<f32>;  // [rows of the step, stride]

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * 64u + thread;
  if (row >= shape.rows) { return; }
  var acc = 0.0;
  for (var unit = 0u; unit < kUnits; unit++) {
    let w = decode(row * kUnits + unit);
    let at = (group.y * kUnits + unit) * 8u;
    var sum = w[0] * x[at];
    for (var i = 1u; i < 8u; i++) { sum = fma(w[i], x[at + i], sum); }
    acc += (sum.x + sum.y) + (sum.z + sum.w);
  }
  finish(group.y, shape.first_row + row, acc);
}
