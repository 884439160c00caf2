// Merges the chunks' lists: the row's largest logits, in order, and its log-sum-exp.
struct Mailbox {
  maximum: f32,
  sum: f32,  // of exponentials relative to the maximum
  count: u32,
  chosen: u32,  // by advance.wgsl
  list: array<vec2<u32>, MOST>,  // token and logit
}
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> lists: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> sums: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> mailboxes: array<Mailbox>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let wanted = min(step[SAMPLING_AT + group.y * 8u], VOCAB);
  // Several groups of threads merge lists; each has room for two, of which the first is what it has merged so far.
  var room = 8u;
  while (room < wanted) { room *= 2u; }
  let own = 2u * thread - thread % room;
  for (var first = 0u; first < CHUNKS; first += 256u / room) {
    let chunk = first + thread / room;
    var entry = vec2<u32>(0u, 0xffffffffu);
    if (chunk < CHUNKS && thread % room < wanted) {
      entry = lists[(group.y * CHUNKS + chunk) * MOST + thread % room];
    }
    entries[own + select(room, 0u, first == 0u)] = entry;
    merge(2u * room, thread);
  }
  for (var size = 4u * room; size <= 512u; size *= 2u) { merge(size, thread); }
  if (thread < wanted) {
    let token = entries[thread].y;
    mailboxes[group.y].list[thread] = vec2<u32>(token, bitcast<u32>(logits[group.y * VOCAB + token]));
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
