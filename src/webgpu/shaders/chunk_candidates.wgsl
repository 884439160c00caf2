// Of each chunk of a row's logits: the largest, in order, and the sum of exponentials relative to its maximum.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> lists: array<vec2<u32>>;  // [outputs, CHUNKS, MOST] of order and token
@group(0) @binding(2) var<storage, read_write> sums: array<vec2<f32>>;   // [outputs, CHUNKS] of maximum and sum
var<workgroup> best: array<vec2<u32>, 128>;
var<workgroup> tree: array<f32, 128>;
const kEach = CHUNK / 128u;

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.y * VOCAB;
  let first = group.x * CHUNK;
  var mine: array<u32, kEach>;
  for (var i = 0u; i < kEach; i++) {
    let token = first + i * 128u + thread;
    if (token < VOCAB) { mine[i] = order_of(logits[row + token]); }
  }
  let wanted = max(step[SAMPLING_AT + group.y * 8u], 1u);
  var maximum = 0.0;
  for (var found = 0u; found < wanted; found++) {
    var candidate = vec2<u32>(0u, 0xffffffffu);
    for (var i = 0u; i < kEach; i++) {
      if (mine[i] > candidate.x) { candidate = vec2<u32>(mine[i], first + i * 128u + thread); }
    }
    best[thread] = candidate;
    for (var width = 64u; width > 0u; width >>= 1u) {
      workgroupBarrier();
      if (thread < width && is_before(best[thread + width], best[thread])) { best[thread] = best[thread + width]; }
    }
    let winner = workgroupUniformLoad(&best[0]);
    if (thread == 0u) { lists[(group.y * CHUNKS + group.x) * MOST + found] = winner; }
    if (winner.x == 0u) { continue; }
    if (found == 0u) { maximum = max(logits[row + winner.y], -3.0e38); }  // -inf would make NaN below
    for (var i = 0u; i < kEach; i++) {
      if (first + i * 128u + thread == winner.y) { mine[i] = 0u; }
    }
  }
  var sum = 0.0;
  for (var i = 0u; i < kEach; i++) {
    let token = first + i * 128u + thread;
    if (token < VOCAB) { sum += exp(logits[row + token] - maximum); }
  }
  tree[thread] = sum;
  for (var width = 64u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) { tree[thread] += tree[thread + width]; }
  }
  if (thread == 0u) { sums[group.y * CHUNKS + group.x] = vec2<f32>(maximum, tree[0]); }
}
