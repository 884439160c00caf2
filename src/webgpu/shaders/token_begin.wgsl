// Bytes of the stream for the first norm.
@group(0) @binding(3) var<storage, read> stream: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> norm_weight: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let unit = group.x * 16u + (thread >> 2u);
  let at = 2u * (4u * min(unit, NEXT - 1u) + (thread & 3u));
  let a = stream[at];
  let b = stream[at + 1u];
  to_bytes(unit, thread & 3u, a * norm_weight[at], b * norm_weight[at + 1u], dot(a, a) + dot(b, b), unit < NEXT);
}
