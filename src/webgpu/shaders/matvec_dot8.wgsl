// out[first_row + j] = x · w[j] of one token's bytes, and what finish() makes of it; 8 · EACH rows in a workgroup.
@group(0) @binding(3) var<storage, read_write> out: array<f32>;  // [1, stride]

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32,
        @builtin(subgroup_size) lanes: u32, @builtin(subgroup_invocation_id) lane: u32) {
  for (var first = 0u; first < 8u; first += 256u / lanes) {
    let share = first + thread / lanes;
    let row = (group.x * 8u + share) * EACH;
    var rows: array<Row, EACH>;
    for (var r = 0u; r < EACH; r++) { rows[r] = Row(vec2<u32>(0u), min(row + r, shape.rows - 1u)); }
    let sums = dots_A(rows, array<Raw, EACH>(), lane, lanes);
    var mine = 0.0;
    for (var r = 0u; r < EACH; r++) {
      let sum = subgroupAdd(sums.rows[r]);
      if (lane == r) { mine = sum; }
    }
    mine *= factor(sums);
    if (lane < EACH && share < 8u && row + lane < shape.rows) { finish(0u, shape.first_row + row + lane, mine); }
  }
}
