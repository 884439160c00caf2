// Rows of up to three matrices with the same columns, BLOCK of one of them in a workgroup.
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
// Of each matrix: its rows, where they begin in `out`, and where its planes do.
@group(0) @binding(6) var<uniform> matrices: array<vec4<u32>, 3>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32,
        @builtin(subgroup_size) lanes: u32, @builtin(subgroup_invocation_id) lane: u32) {
  var index = 0u;
  var block = group.x;
  while (index < 2u) {
    let blocks = (matrices[index].x + BLOCK - 1u) / BLOCK;
    if (block < blocks) { break; }
    block -= blocks;
    index++;
  }
  let matrix = matrices[index];
  for (var first = 0u; first < BLOCK / EACH; first += 256u / lanes) {
    let share = first + thread / lanes;
    let row = block * BLOCK + share * EACH;
    var rows: array<Row, EACH>;
    for (var r = 0u; r < EACH; r++) { rows[r] = Row(matrix.zw, min(row + r, matrix.x - 1u)); }
    let sums = dots_of(index, rows, lane, lanes);
    var mine = 0.0;
    for (var r = 0u; r < EACH; r++) {
      let sum = subgroupAdd(sums.rows[r]);
      if (lane == r) { mine = sum; }
    }
    mine *= factor(sums);
    if (lane < EACH && share < BLOCK / EACH && row + lane < matrix.x) {
      out[matrix.y + row + lane] = with_bias(index, row + lane, mine);
    }
  }
}
