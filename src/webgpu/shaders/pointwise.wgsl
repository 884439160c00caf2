// Two values, element by element; ROW: the second is one row, for all rows of the first.
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let i = group.x * 256u + thread;
  if (i >= COLUMNS) { return; }
  let at = group.y * COLUMNS + i;
  out[at] = combined(a[at], b[select(at, i, ROW)]);
}
