// The weights of a matrix as halves.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  const kUnits = COLUMNS / 32u;
  let i = group.x * 256u + thread;
  let unit = (i >> 4u) % kUnits;
  let row = (i >> 4u) / kUnits * 16u + (i & 15u);
  if (row >= shape.rows) { return; }
  let w = decode(row * kUnits + unit);
  for (var j = 0u; j < 4u; j++) { store_halves(row, 4u * unit + j, w[2u * j], w[2u * j + 1u]); }
}
