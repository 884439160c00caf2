// The table's row of each token, or of its position, times FACTOR. Of a table in parts, each part writes the rows that it holds.
const kUnits = COLUMNS / 32u;
@group(0) @binding(2) var<storage, read_write> out: array<vec4<f32>>;  // [tokens, COLUMNS]

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let unit = group.x * 64u + lane;
  let row = select(token_id(group.y), position_of(group.y), BY_POSITION) - FIRST_ROW;  // wraps below the part
  if (unit >= kUnits || row >= ROWS) { return; }
  let w = decode(row * kUnits + unit);
  for (var i = 0u; i < 8u; i++) { out[(group.y * kUnits + unit) * 8u + i] = FACTOR * w[i]; }
}
