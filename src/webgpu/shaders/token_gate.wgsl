// Bytes of activation(gate) · up: 32 of each in a workgroup, EACH / 2 by a subgroup at a time.
const kPairs = EACH / 2u;
// Of each matrix: where its planes begin.
@group(0) @binding(6) var<uniform> matrices: vec4<u32>;
var<workgroup> products: array<f32, 32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32,
        @builtin(subgroup_size) lanes: u32, @builtin(subgroup_invocation_id) lane: u32) {
  for (var first = 0u; first < 32u / kPairs; first += 256u / lanes) {
    let mine = first + thread / lanes;
    let share = min(mine, 32u / kPairs - 1u) * kPairs;
    var rows: array<Row, EACH>;
    for (var r = 0u; r < kPairs; r++) {
      rows[r] = Row(matrices.xy, group.x * 32u + share + r);
      rows[kPairs + r] = Row(matrices.zw, group.x * 32u + share + r);
    }
    let sums = dots_A(rows, array<Raw, EACH>(), lane, lanes);
    let scale = factor(sums);
    for (var r = 0u; r < kPairs; r++) {
      let gate = subgroupAdd(sums.rows[r]) * scale;
      let up = subgroupAdd(sums.rows[kPairs + r]) * scale;
      if (lane == 0u && mine < 32u / kPairs) { products[share + r] = activation(vec4<f32>(gate)).x * up; }
    }
  }
  workgroupBarrier();
  let at = (thread & 3u) * 8u;
  let a = vec4<f32>(products[at], products[at + 1u], products[at + 2u], products[at + 3u]);
  let b = vec4<f32>(products[at + 4u], products[at + 5u], products[at + 6u], products[at + 7u]);
  to_bytes(group.x, thread & 3u, a, b, 0.0, thread < 4u);
}
