// RMS norm of each of the heads, queries and the key.
@group(0) @binding(5) var<storage, read> q_norm: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> k_norm: array<vec4<f32>>;
var<workgroup> factors: array<f32, EACH + 1u>;

fn normalize(thread: u32, lane: u32, lanes: u32) {
  workgroupBarrier();
  for (var first = 0u; first <= EACH; first += 256u / lanes) {
    let head = min(first + thread / lanes, EACH);
    var squares = 0.0;
    for (var i = lane; i < kKey; i += lanes) { squares += dot(heads[head * kKey + i], heads[head * kKey + i]); }
    squares = subgroupAdd(squares);
    let factor = 1.0 / sqrt(squares / f32(KEY_LENGTH) + EPSILON);
    if (lane == 0u && first + thread / lanes <= EACH) { factors[head] = factor; }
  }
  workgroupBarrier();
  for (var i = thread; i < kHeads; i += 256u) {
    heads[i] *= factors[i / kKey];
    if (i < kQueries) { heads[i] *= q_norm[i % kKey]; } else { heads[i] *= k_norm[i % kKey]; }
  }
  workgroupBarrier();
}
