// One token's softmax(q·k) · v over one of SHARES shares of the keys, for EACH of the GROUP query heads that have the
// same key head. Heads are rotated here; the new key and value are stored here, and read from nowhere. A share's keys
// are taken kBlock at a time: four lanes compute the scores of some, then a thread sums the values of some.
const kKey = KEY_LENGTH / 4u;
const kLanes = VALUE_LENGTH / 4u;
const kQueries = EACH * kKey;
const kHeads = kQueries + kKey;
const kBlock = 128u;
const kParts = 256u / kLanes;
const kMine = VALUES_EACH;           // values of a thread
@group(0) @binding(0) var<storage, read> qkv: array<vec4<f32>>;          // queries, keys, values
@group(0) @binding(1) var<storage, read> frequencies: array<vec2<u32>>;  // low, high
@group(0) @binding(2) var<storage, read_write> keys: array<Four>;        // [KV_HEADS, CELLS, kKey]
@group(0) @binding(3) var<storage, read_write> values: array<Four>;      // [KV_HEADS, CELLS, kLanes]
// [KV_HEADS · GROUP, SHARES, kLanes + 1]: sums of values, then the largest score and the sum of weights
@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;
var<workgroup> heads: array<vec4<f32>, kHeads>;           // queries, the new key
var<workgroup> scores: array<f32, EACH * kMine * kParts>;  // [EACH, kMine · kParts]
var<workgroup> maximums: array<f32, 64u * EACH>;          // by subgroup, of which the smallest have four lanes
var<workgroup> totals: array<f32, kParts * EACH>;
var<workgroup> sums: array<vec4<f32>, 256u * EACH>;

fn element(i: u32) -> f32 { return heads[i >> 2u][i & 3u]; }
fn value_of(key_head: u32, lane: u32) -> vec4<f32> {
  return qkv[(GROUP + 1u) * KV_HEADS * kKey + key_head * kLanes + lane];
}

// Rotates the heads; of those with the same key head, one stores it and its value.
fn rotate(head: u32, key_head: u32, position: u32, last: bool, thread: u32, lane: u32, lanes: u32) {
  if (thread < kHeads) {
    let new_key = GROUP * KV_HEADS * kKey + key_head * kKey;
    heads[thread] = qkv[select(new_key + thread - kQueries, head * kKey + thread, thread < kQueries)];
  }
  normalize(thread, lane, lanes);
  var rotated: vec4<f32>;
  let i = min(thread, kHeads - 1u);
  for (var j = 0u; j < 4u; j++) {
    let e = (4u * i + j) % KEY_LENGTH;
    let turn = turn_of(e, position);
    rotated[j] = fma(heads[i][j], turn.x, element(4u * i + j + partner_of(e) - e) * turn.y);
  }
  workgroupBarrier();
  if (thread < kQueries) { heads[thread] = rotated * SCALE; } else if (thread < kHeads) { heads[thread] = rotated; }
  if (last && head % GROUP == 0u) {
    let cell = key_head * CELLS + position;
    if (thread >= kQueries && thread < kHeads) { keys[cell * kKey + thread - kQueries] = pack4(rotated); }
    if (thread < kLanes) { values[cell * kLanes + thread] = pack4(value_of(key_head, thread)); }
  }
  workgroupBarrier();
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32,
        @builtin(subgroup_size) lanes: u32, @builtin(subgroup_invocation_id) lane: u32) {
  let head = group.x * EACH;
  let key_head = head / GROUP;
  let position = first_position();
  let oldest = select(0u, position + 1u - min(position + 1u, WINDOW), WINDOW > 0u);
  let share = (position + SHARES - oldest) / SHARES;
  let begin = oldest + group.z * share;
  let end = min(position + 1u, begin + share);
  if (begin >= end) {
    // Sums of nothing, since what is there may be no number.
    for (var i = thread; i < EACH * (kLanes + 1u); i += 256u) {
      let lowest = select(0.0, -3.0e38, i % (kLanes + 1u) == kLanes);
      let share_at = (head + i / (kLanes + 1u)) * SHARES + group.z;
      out[share_at * (kLanes + 1u) + i % (kLanes + 1u)] = vec4<f32>(lowest, 0.0, 0.0, 0.0);
    }
    return;
  }
  let new_value = value_of(key_head, thread % kLanes);
  let quarter = thread & 3u;
  let value_lane = thread % kLanes;
  let part = thread / kLanes;
  let cells = key_head * CELLS;
  var sum: array<vec4<f32>, EACH>;
  var total: array<f32, EACH>;
  var largest: array<f32, EACH>;
  for (var e = 0u; e < EACH; e++) { largest[e] = -3.0e38; }
  for (var first = begin; first < end; first += kBlock) {
    // All that is read of a block is asked for at once.
    #t<2{
    let at#t = (cells + min(first + #tu * 64u + (thread >> 2u), end - 1u)) * kKey + quarter;
    #i<KEY_FOURTHS{ let k#t_#i = keys[at#t + #iu * 4u]; }#i
    }#t
    #n<VALUES_EACH{
    let v#n = values[(cells + min(first + part + #nu * kParts, end - 1u)) * kLanes + value_lane];
    }#n
    if (first == begin) { rotate(head, key_head, position, end == position + 1u, thread, lane, lanes); }
    var most: array<f32, EACH>;
    for (var e = 0u; e < EACH; e++) { most[e] = -3.0e38; }
    #t<2{
    var dots#t = array<f32, EACH>();  // in a loop, compilers clear only what is set
    let key#t = #tu * 64u + (thread >> 2u);
    #i<KEY_FOURTHS{
    let four#t_#i = unpack4(select(k#t_#i, pack4(heads[kQueries + #iu * 4u + quarter]), first + key#t == position));
    for (var e = 0u; e < EACH; e++) { dots#t[e] += dot(four#t_#i, heads[e * kKey + #iu * 4u + quarter]); }
    }#i
    for (var e = 0u; e < EACH; e++) {
      var score = dots#t[e] + subgroupShuffleXor(dots#t[e], 1u);
      score = capped(vec4<f32>(score + subgroupShuffleXor(score, 2u))).x;
      score = select(-3.0e38, score, first + key#t < end);
      most[e] = max(most[e], score);
      if (quarter == 0u) { scores[e * kMine * kParts + key#t] = score; }
    }
    }#t
    for (var e = 0u; e < EACH; e++) {
      let of_subgroup = subgroupMax(most[e]);
      if (lane == 0u) { maximums[e * 64u + thread / lanes] = of_subgroup; }
    }
    workgroupBarrier();
    for (var e = 0u; e < EACH; e++) {
      let before = largest[e];
      for (var s = 0u; s < 256u / lanes; s++) { largest[e] = max(largest[e], maximums[e * 64u + s]); }
      total[e] *= exp(before - largest[e]);
      sum[e] *= exp(before - largest[e]);
    }
    #n<VALUES_EACH{
    let place#n = part + #nu * kParts;
    let value#n = unpack4(select(v#n, pack4(new_value), first + place#n == position));
    for (var e = 0u; e < EACH; e++) {
      let score = scores[e * kMine * kParts + place#n];
      let weight = select(0.0, exp(score - largest[e]), place#n < min(kBlock, end - first));
      total[e] += weight;
      sum[e] = fma(vec4<f32>(weight), value#n, sum[e]);
    }
    }#n
    workgroupBarrier();
  }
  for (var e = 0u; e < EACH; e++) {
    sums[e * 256u + thread] = sum[e];
    if (part < kParts && value_lane == 0u) { totals[part * EACH + e] = total[e]; }
  }
  workgroupBarrier();
  if (part == 0u) {
    for (var e = 0u; e < EACH; e++) {
      for (var p = 1u; p < kParts; p++) {
        sum[e] += sums[e * 256u + p * kLanes + thread];
        total[e] += totals[p * EACH + e];
      }
      let to = ((head + e) * SHARES + group.z) * (kLanes + 1u);
      out[to + thread] = sum[e];
      if (thread == 0u) { out[to + kLanes] = vec4<f32>(largest[e], total[e], 0.0, 0.0); }
    }
  }
}
