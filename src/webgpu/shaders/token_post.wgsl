// Adds a product's norm to the stream, and makes bytes of what it then holds, for the norm that follows.
@group(0) @binding(2) var<storage, read> product: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> stream: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> norm_weight: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> post_weight: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read> x_scales: array<vec2<f32>>;  // of the product's bytes, then sums of squares
var<workgroup> tree: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  var squares = 0.0;
  for (var i = thread; i < NEXT; i += 64u) { squares += x_scales[NEXT + i].x; }
  tree[thread] = squares;
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) { tree[thread] += tree[thread + width]; }
  }
  workgroupBarrier();
  let factor = 1.0 / sqrt(tree[0] / f32(32u * NEXT) + EPSILON);
  let unit = group.x * 16u + (thread >> 2u);
  let at = 2u * (4u * min(unit, NEXT - 1u) + (thread & 3u));
  let a = stream[at] + product[at] * factor * post_weight[at];
  let b = stream[at + 1u] + product[at + 1u] * factor * post_weight[at + 1u];
  if (unit < NEXT) {
    stream[at] = a;
    stream[at + 1u] = b;
  }
  to_bytes(unit, thread & 3u, a * norm_weight[at], b * norm_weight[at + 1u], dot(a, a) + dot(b, b), unit < NEXT);
}
