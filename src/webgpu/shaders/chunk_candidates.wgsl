// Of each chunk of a row's logits: the largest, in order, and the sum of exponentials relative to its maximum. For a
// draw from all tokens, those with the largest logit / temperature + noise.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> lists: array<vec2<u32>>;  // [outputs, CHUNKS, MOST] of order and token
@group(0) @binding(2) var<storage, read_write> sums: array<vec2<f32>>;   // [outputs, CHUNKS] of maximum and sum
var<workgroup> tree: array<f32, 256>;
const kEach = CHUNK / 256u;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let wanted = max(step[SAMPLING_AT + group.y * 8u], 1u);
  let drawn = step[DRAW_AT + 8u] != 0u;
  var mine: array<f32, kEach>;
  var largest = -3.0e38;  // -inf would make NaN below
  for (var i = 0u; i < kEach; i++) {
    let token = group.x * CHUNK + i * 256u + thread;
    var entry = vec2<u32>(0u, 0xffffffffu);
    if (token < VOCAB) {
      let logit = logits[group.y * VOCAB + token];
      mine[i] = logit;
      largest = max(largest, logit);
      var score = logit;
      if (drawn) {
        let seed = vec2<u32>(step[DRAW_AT], step[DRAW_AT + 1u]);
        let position = vec2<u32>(step[DRAW_AT + 2u], step[DRAW_AT + 3u]);
        score = logit / bitcast<f32>(step[DRAW_AT + 4u]) + gumbel(token, seed, position);
      }
      entry = vec2<u32>(order_of(score), token);
    }
    entries[i * 256u + thread] = entry;
  }
  tree[thread] = largest;
  for (var width = 128u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) { tree[thread] = max(tree[thread], tree[thread + width]); }
  }
  let maximum = workgroupUniformLoad(&tree[0]);
  var sum = 0.0;
  for (var i = 0u; i < kEach; i++) {
    if (group.x * CHUNK + i * 256u + thread < VOCAB) { sum += exp(mine[i] - maximum); }
  }
  tree[thread] = sum;
  for (var width = 128u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) { tree[thread] += tree[thread + width]; }
  }
  let chunk = group.y * CHUNKS + group.x;
  if (thread == 0u) { sums[chunk] = vec2<f32>(maximum, tree[0]); }
  if (wanted > 1u) {
    for (var size = 2u; size <= CHUNK; size *= 2u) { merge(size, thread); }
  } else {
    for (var width = CHUNK / 2u; width > 0u; width /= 2u) {
      workgroupBarrier();
      for (var i = thread; i < width; i += 256u) {
        if (is_before(entries[i + width], entries[i])) { entries[i] = entries[i + width]; }
      }
    }
    workgroupBarrier();
  }
  for (var i = thread; i < wanted; i += 256u) { lists[chunk * MOST + i] = entries[i]; }
}
