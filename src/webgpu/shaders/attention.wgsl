// q·k, and the sum of v that they weigh, of one head and token over SPLIT keys, 128 at a time (online softmax,
// arXiv:1805.02867). A thread computes the score of one key; then groups of kLanes threads sum the values, each group
// of its share of the keys.
const kKey = KEY_LENGTH / 4u;
const kLanes = VALUE_LENGTH / 4u;
const kGroups = 128u / kLanes;
@group(0) @binding(0) var<storage, read> q: array<vec4<f32>>;            // [tokens, HEADS, kKey]
@group(0) @binding(1) var<storage, read> keys: array<Four>;              // [KV_HEADS, CELLS, kKey]
@group(0) @binding(2) var<storage, read> values: array<Four>;            // [KV_HEADS, CELLS, kLanes]
// Of each split: the sum of weighted values, relative to the largest score, and that score and the weights' total.
@group(0) @binding(3) var<storage, read_write> sums: array<vec4<f32>>;    // [tokens, HEADS, SPLITS, kLanes]
@group(0) @binding(4) var<storage, read_write> totals: array<vec2<f32>>;  // [tokens, HEADS, SPLITS]
var<workgroup> query: array<vec4<f32>, kKey>;
var<workgroup> weights: array<f32, 128>;
var<workgroup> tree: array<f32, 128>;
var<workgroup> parts: array<vec4<f32>, 128>;

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let head = group.x;
  let cells = head / (HEADS / KV_HEADS) * CELLS;
  let seen = first_position() + group.y + 1u;
  let begin = max(select(0u, seen - min(seen, WINDOW), WINDOW > 0u), group.z * SPLIT);
  let end = min(seen, (group.z + 1u) * SPLIT);
  for (var i = thread; i < kKey; i += 128u) { query[i] = q[(group.y * HEADS + head) * kKey + i] * SCALE; }
  let lane = thread % kLanes;
  let part = thread / kLanes;
  var sum = vec4<f32>(0.0);
  var total = 0.0;  // of this thread's weights
  var largest = -3.0e38;
  for (var first = begin; first < end; first += 128u) {
    let count = min(128u, end - first);
    workgroupBarrier();
    var score = -3.0e38;
    if (thread < count) {
      var dots = vec4<f32>(0.0);
      for (var i = 0u; i < kKey; i++) { dots = fma(query[i], key_at(cells + first + thread, i), dots); }
      score = capped(vec4<f32>((dots.x + dots.y) + (dots.z + dots.w))).x;
    }
    tree[thread] = score;
    for (var width = 64u; width > 0u; width >>= 1u) {
      workgroupBarrier();
      if (thread < width) { tree[thread] = max(tree[thread], tree[thread + width]); }
    }
    workgroupBarrier();
    let before = largest;
    largest = max(largest, tree[0]);
    let factor = exp(before - largest);
    let weight = select(0.0, exp(score - largest), thread < count);
    weights[thread] = weight;
    total = fma(total, factor, weight);
    sum *= factor;
    workgroupBarrier();
    if (part < kGroups) {
      for (var i = part; i < count; i += kGroups) {
        sum = fma(vec4<f32>(weights[i]), value_at(cells + first + i, lane), sum);
      }
    }
  }
  tree[thread] = total;
  parts[thread] = sum;
  for (var width = 64u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) { tree[thread] += tree[thread + width]; }
  }
  workgroupBarrier();
  if (thread < kLanes) {
    for (var i = 1u; i < kGroups; i++) { sum += parts[i * kLanes + thread]; }
    let at = (group.y * HEADS + head) * SPLITS + group.z;
    sums[at * kLanes + thread] = sum;
    if (thread == 0u) { totals[at] = vec2<f32>(largest, tree[0]); }
  }
}
