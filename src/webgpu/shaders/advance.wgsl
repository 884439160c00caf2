// After a step of one token: chooses the next one as src/sampling/sampler.h does, keeps what it was chosen from, and
// makes it the next step's. The parameters of the draw are laid out in src/webgpu/step_data.h.
@group(0) @binding(0) var<storage, read> mailbox: array<u32>;  // of one row, as candidates.wgsl writes it
@group(0) @binding(1) var<storage, read_write> state: array<u32>;  // the step's parameters; [1] counts steps
@group(0) @binding(2) var<storage, read_write> found: array<u32>;  // mailboxes of the last AHEAD steps, without gaps
@group(0) @binding(3) var<storage, read_write> pairs: array<vec2<u32>>;
var<workgroup> sums: array<f32, 256>;
var<workgroup> best: array<vec2<u32>, 256>;
var<workgroup> place: atomic<u32>;
const kFree = 0x80000000u;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
  let count = mailbox[2];
  let token = mailbox[4u + 2u * thread];
  let above = bitcast<f32>(mailbox[5u + 2u * thread]) - bitcast<f32>(mailbox[0]);
  let temperature = bitcast<f32>(state[DRAW_AT + 4u]);
  let top_k = state[DRAW_AT + 5u];
  let top_p = bitcast<f32>(state[DRAW_AT + 6u]);
  let limit = min(count, select(top_k, count, top_k == 0u));
  let mine = select(0.0, exp(above), thread < limit);
  sums[thread] = mine;
  for (var apart = 1u; apart < 256u; apart *= 2u) {
    workgroupBarrier();
    var sum = sums[thread];
    if (thread >= apart) { sum += sums[thread - apart]; }
    workgroupBarrier();
    sums[thread] = sum;
  }
  if (thread == 0u) { atomicStore(&place, 0xffffffffu); }
  workgroupBarrier();
  let total = select(bitcast<f32>(mailbox[1]), sums[255], top_k != 0u && top_k <= count);
  let kept = thread < limit && (top_p >= 1.0 || sums[thread] - mine < top_p * total) &&
      above >= bitcast<f32>(state[DRAW_AT + 7u]);
  best[thread] = vec2<u32>(0u, 0xffffffffu);
  if (thread == 0u) { best[0] = vec2<u32>(1u, token); }
  if (kept && temperature != 0.0 && state[DRAW_AT + 8u] == 0u) {
    let seed = vec2<u32>(state[DRAW_AT], state[DRAW_AT + 1u]);
    let noise = gumbel(token, seed, vec2<u32>(state[DRAW_AT + 2u], state[DRAW_AT + 3u]));
    best[thread] = vec2<u32>(order_of(above / temperature + noise), token);
  }
  for (var width = 128u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width && is_before(best[thread + width], best[thread])) { best[thread] = best[thread + width]; }
  }
  let chosen = workgroupUniformLoad(&best[0]).y;

  let words = 4u + 2u * count;
  let at = state[1] % AHEAD * words;
  for (var i = thread; i < words; i += 256u) { found[at + i] = select(mailbox[i], chosen, i == 3u); }

  // The penalties' window: its oldest token leaves it if it is full, and its tokens' counts follow.
  let first_pair = state[SAMPLING_AT + 4u];
  let pair_count = state[SAMPLING_AT + 5u];
  let length = state[DRAW_AT + 9u];
  let used = state[DRAW_AT + 10u];
  let oldest = state[DRAW_AT + 11u];
  let ring = state[DRAW_AT + 12u];
  let leaving = select(0xffffffffu, pairs[ring + oldest].x, length != 0u && used == length);
  for (var i = thread; i < pair_count; i += 256u) {
    var pair = pairs[first_pair + i];
    if (pair.x == leaving) {
      pair.y -= 1u;
      pairs[first_pair + i] = pair;
    }
    if (pair.x == chosen) {
      atomicMin(&place, i);
    } else if (pair.y == 0u) {
      atomicMin(&place, kFree + i);
    }
  }
  storageBarrier();
  workgroupBarrier();
  if (thread != 0u) { return; }
  if (length != 0u) {
    var i = atomicLoad(&place);
    if (i < kFree) {
      pairs[first_pair + i].y += 1u;
    } else {
      if (i == 0xffffffffu) {
        i = kFree + pair_count;
        state[SAMPLING_AT + 5u] = pair_count + 1u;
      }
      pairs[first_pair + i - kFree] = vec2<u32>(chosen, 1u);
    }
    if (used == length) {
      pairs[ring + oldest].x = chosen;
      state[DRAW_AT + 11u] = (oldest + 1u) % length;
    } else {
      pairs[ring + used].x = chosen;
      state[DRAW_AT + 10u] = used + 1u;
    }
  }
  state[0] += 1u;
  state[1] += 1u;
  state[TOKENS_AT] = chosen;
  state[DRAW_AT + 2u] += 1u;
}
