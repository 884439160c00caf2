// The repetition, frequency and presence penalties of a row, then its biases.
@group(0) @binding(0) var<storage, read_write> logits: array<f32>;
@group(0) @binding(1) var<storage, read> pairs: array<vec2<u32>>;  // token and count, or token and bias

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.y * VOCAB;
  let at = SAMPLING_AT + group.y * 8u;
  for (var i = lane; i < step[at + 5u]; i += 64u) {
    let pair = pairs[step[at + 4u] + i];
    if (pair.y == 0u) { continue; }  // it has left the window
    let repetition = bitcast<f32>(step[at + 1u]);
    var logit = logits[row + pair.x];
    logit = select(logit * repetition, logit / repetition, logit > 0.0);
    logit -= bitcast<f32>(step[at + 2u]) * f32(pair.y);
    logits[row + pair.x] = logit - bitcast<f32>(step[at + 3u]);
  }
  storageBarrier();
  for (var i = lane; i < step[at + 7u]; i += 64u) {
    let pair = pairs[step[at + 6u] + i];
    logits[row + pair.x] += bitcast<f32>(pair.y);
  }
}
