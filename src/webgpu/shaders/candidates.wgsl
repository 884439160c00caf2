// Merges the chunks' lists: the row's largest logits, in order, and its log-sum-exp.
struct Mailbox {
  maximum: f32,
  sum: f32,  // of exponentials relative to the maximum
  count: u32,
  reserved: u32,
  list: array<vec2<u32>, MOST>,  // token and logit
}
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> lists: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> sums: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> mailboxes: array<Mailbox>;
var<workgroup> best: array<vec2<u32>, 128>;

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let wanted = min(step[SAMPLING_AT + group.y * 8u], VOCAB);
  // A thread stands for the chunks thread, thread + 128 …
  var taken: array<u32, (CHUNKS + 127u) / 128u>;
  for (var found = 0u; found < wanted; found++) {
    var candidate = vec2<u32>(0u, 0xffffffffu);
    for (var chunk = thread; chunk < CHUNKS; chunk += 128u) {
      let next = taken[chunk / 128u];
      if (next < wanted) {
        let entry = lists[(group.y * CHUNKS + chunk) * MOST + next];
        if (is_before(entry, candidate)) { candidate = entry; }
      }
    }
    best[thread] = candidate;
    for (var width = 64u; width > 0u; width >>= 1u) {
      workgroupBarrier();
      if (thread < width && is_before(best[thread + width], best[thread])) { best[thread] = best[thread + width]; }
    }
    let winner = workgroupUniformLoad(&best[0]);
    let chunk = winner.y / CHUNK;
    if (chunk % 128u == thread) { taken[chunk / 128u] += 1u; }
    if (thread == 0u) {
      mailboxes[group.y].list[found] = vec2<u32>(winner.y, bitcast<u32>(logits[group.y * VOCAB + winner.y]));
    }
  }
  if (thread == 0u) {
    var maximum = sums[group.y * CHUNKS].x;
    for (var i = 1u; i < CHUNKS; i++) { maximum = max(maximum, sums[group.y * CHUNKS + i].x); }
    var sum = 0.0;
    for (var i = 0u; i < CHUNKS; i++) {
      let part = sums[group.y * CHUNKS + i];
      sum += part.y * exp(part.x - maximum);
    }
    mailboxes[group.y].maximum = maximum;
    mailboxes[group.y].sum = sum;
    mailboxes[group.y].count = wanted;
  }
}
