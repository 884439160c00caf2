// Merges the splits of each head and token.
const kLanes = VALUE_LENGTH / 4u;
@group(0) @binding(0) var<storage, read> sums: array<vec4<f32>>;    // [tokens, HEADS, SPLITS, kLanes]
@group(0) @binding(1) var<storage, read> totals: array<vec2<f32>>;  // [tokens, HEADS, SPLITS]
@group(0) @binding(2) var<storage, read_write> out: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let i = group.x * 64u + thread;
  if (i >= HEADS * kLanes) { return; }
  let row = group.y * HEADS + i / kLanes;
  let count = (first_position() + group.y) / SPLIT + 1u;
  let sink = sink_of(i / kLanes);
  var largest = sink;
  for (var split = 0u; split < count; split++) { largest = max(largest, totals[row * SPLITS + split].x); }
  var sum = vec4<f32>(0.0);
  var total = exp(sink - largest);
  for (var split = 0u; split < count; split++) {
    let part = totals[row * SPLITS + split];
    let weight = exp(part.x - largest);
    sum = fma(vec4<f32>(weight), sums[(row * SPLITS + split) * kLanes + i % kLanes], sum);
    total = fma(weight, part.y, total);
  }
  out[group.y * HEADS * kLanes + i] = sum / total;
}
