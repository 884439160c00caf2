// softmax(q·k) · v of one head and 64 tokens, over blocks of 32 keys (online softmax, arXiv:1805.02867). A thread
// computes the scores of 4 tokens and 2 keys; then it sums the values of 4 tokens, of every 16 parts of 4 elements one.
const kKey = KEY_LENGTH / 4u;
const kValue = VALUE_LENGTH / 4u;
const kParts = (kValue + 15u) / 16u;
const kRound = 32u / kParts;  // keys whose values fit into the tile
@group(0) @binding(0) var<storage, read> q: array<vec4<f32>>;            // [tokens, HEADS, kKey]
@group(0) @binding(1) var<storage, read> keys: array<Four>;              // [KV_HEADS, CELLS, kKey]
@group(0) @binding(2) var<storage, read> values: array<Four>;            // [KV_HEADS, CELLS, kValue]
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;    // [tokens, HEADS, kValue]
// [16 parts][32 keys] or [kRound keys][kParts][16 parts]; what is read along the other axis lies in an order that
// avoids conflicts of banks.
var<workgroup> tile: array<vec4<f32>, 512>;
var<workgroup> weights: array<vec4<f32>, 512>;  // [32 keys][16 × 4 tokens]

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let head = group.x;
  let cells = head / (HEADS / KV_HEADS) * CELLS;
  let tokens = step[TOKEN_COUNT_AT];
  let lane = thread & 15u;
  let quad = thread >> 4u;
  let token = group.y * 64u + 4u * quad;
  // A token sees the keys from `begin` to `seen`.
  var begin: vec4<u32>;
  var seen = vec4<u32>(1u, 2u, 3u, 4u) + first_position() + token;
  for (var t = 0u; t < 4u; t++) {
    let text = text_of(min(token + t, tokens - 1u));
    begin[t] = text.x;
    if (!CAUSAL) { seen[t] = text.y; }
  }
  if (WINDOW > 0u) { begin = max(begin, seen - min(seen, vec4<u32>(WINDOW))); }
  let first_row = group.y * 64u;
  let last_row = min(first_row + 63u, tokens - 1u);
  let first_seen = first_position() + first_row + 1u;
  var start = text_of(first_row).x;
  if (WINDOW > 0u) { start = max(start, first_seen - min(first_seen, WINDOW)); }
  let end = select(text_of(last_row).y, first_position() + last_row + 1u, CAUSAL);
  let own = lane * 16u + (quad ^ lane);
  var sums: array<vec4<f32>, 4u * kParts>;  // [kParts][4 tokens]
  // A sink is there from the beginning; if there is none, the first score makes 0 of this.
  var total = vec4<f32>(1.0);
  var largest = vec4<f32>(sink_of(head));
  for (var block = start & 0xffffffe0u; block < end; block += 32u) {
    var a = vec4<f32>(0.0);
    var b = vec4<f32>(0.0);
    for (var part = 0u; part < kKey; part += 16u) {
      workgroupBarrier();
      for (var i = thread; i < 512u; i += 256u) {
        let p = i & 15u;
        let key = i >> 4u;
        tile[p * 32u + (key ^ p)] = key_at(cells + min(block + key, end - 1u), min(part + p, kKey - 1u));
      }
      workgroupBarrier();
      for (var p = 0u; p < min(16u, kKey - part); p++) {
        let k = tile[p * 32u + (lane ^ p)];
        let l = tile[p * 32u + 16u + (lane ^ p)];
        for (var t = 0u; t < 4u; t++) {
          let x = q[(min(token + t, tokens - 1u) * HEADS + head) * kKey + part + p];
          a[t] += dot(x, k);
          b[t] += dot(x, l);
        }
      }
    }
    let key = vec4<u32>(block + lane);
    let sees_a = (key < seen) & (key >= begin);
    let sees_b = (key + 16u < seen) & (key + 16u >= begin);
    a = select(vec4<f32>(-3.0e38), capped(a * SCALE), sees_a);
    b = select(vec4<f32>(-3.0e38), capped(b * SCALE), sees_b);
    weights[own] = a;
    weights[own + 256u] = b;
    workgroupBarrier();
    let before = largest;
    for (var i = 0u; i < 32u; i++) { largest = max(largest, weights[i * 16u + (quad ^ (i & 15u))]); }
    workgroupBarrier();
    weights[own] = select(vec4<f32>(0.0), exp(a - largest), sees_a);
    weights[own + 256u] = select(vec4<f32>(0.0), exp(b - largest), sees_b);
    let factor = exp(before - largest);
    total *= factor;
    for (var p = 0u; p < kParts; p++) { for (var t = 0u; t < 4u; t++) { sums[4u * p + t] *= factor[t]; } }
    let count = min(32u, end - block);
    for (var first = 0u; first < count; first += kRound) {
      workgroupBarrier();
      for (var i = thread; i < kRound * kParts * 16u; i += 256u) {
        let cell = cells + min(block + first + i / (kParts * 16u), end - 1u);
        tile[i] = value_at(cell, min(i % (kParts * 16u), kValue - 1u));
      }
      workgroupBarrier();
      for (var i = 0u; i < min(kRound, count - first); i++) {
        let weight = weights[(first + i) * 16u + (quad ^ ((first + i) & 15u))];
        total += weight;
        for (var p = 0u; p < kParts; p++) {
          let v = tile[(i * kParts + p) * 16u + lane];
          for (var t = 0u; t < 4u; t++) { sums[4u * p + t] = fma(vec4<f32>(weight[t]), v, sums[4u * p + t]); }
        }
      }
    }
  }
  for (var p = 0u; p < kParts; p++) {
    for (var t = 0u; t < 4u; t++) {
      let i = p * 16u + lane;
      if (i < kValue && token + t < tokens) {
        out[((token + t) * HEADS + head) * kValue + i] = sums[4u * p + t] / total[t];
      }
    }
  }
}
