@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let scale = factor_of(group.y, thread);
  var squares = 0.0;
  for (var i = thread; i < COLUMNS / 8u; i += 128u) {
    store_halves(group.y, i, load(group.y, 2u * i, &squares) * scale, load(group.y, 2u * i + 1u, &squares) * scale);
  }
}
