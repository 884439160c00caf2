@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> out: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  if (i >= COLUMNS / 4u) { return; }
  out[group.y * (COLUMNS / 4u) + i] = x[step[OUTPUTS_AT + group.y] * (COLUMNS / 4u) + i];
}
