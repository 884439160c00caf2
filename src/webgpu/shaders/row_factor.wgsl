// What a norm multiplies a row with, once a workgroup of 128 threads has read it.
var<workgroup> tree: array<f32, 128>;
fn factor_of(row: u32, thread: u32) -> f32 {
  var squares = 0.0;
  for (var i = thread; i < COLUMNS / 4u; i += 128u) { _ = load(row, i, &squares); }
  tree[thread] = squares;
  for (var width = 64u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) { tree[thread] += tree[thread + width]; }
  }
  workgroupBarrier();
  return factor(tree[0]);
}
