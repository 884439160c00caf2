// Every workgroup makes bytes of the merged shares of the token's attention.
const kLanes = VALUE_LENGTH / 4u;
@group(0) @binding(2) var<storage, read> shares: array<vec4<f32>>;  // as token_attention.wgsl writes them
var<workgroup> x: array<vec2<u32>, COLUMNS / 8u>;
var<workgroup> x_scales: array<vec2<f32>, COLUMNS / 32u>;

// A thread has eight elements of a head.
fn gather(thread: u32) {
  for (var begin = 0u; begin < COLUMNS / 8u; begin += 256u) {
    let i = min(begin + thread, COLUMNS / 8u - 1u);
    let at = 2u * i / kLanes * SHARES * (kLanes + 1u);
    let lane = at + 2u * i % kLanes;
    var weights: array<f32, SHARES>;
    var largest = -3.0e38;
    for (var s = 0u; s < SHARES; s++) { largest = max(largest, shares[at + s * (kLanes + 1u) + kLanes].x); }
    var total = 0.0;
    for (var s = 0u; s < SHARES; s++) {
      let totals = shares[at + s * (kLanes + 1u) + kLanes];
      weights[s] = exp(totals.x - largest);
      total = fma(weights[s], totals.y, total);
    }
    var a = vec4<f32>(0.0);
    var b = vec4<f32>(0.0);
    for (var s = 0u; s < SHARES; s++) {
      a = fma(vec4<f32>(weights[s]), shares[lane + s * (kLanes + 1u)], a);
      b = fma(vec4<f32>(weights[s]), shares[lane + s * (kLanes + 1u) + 1u], b);
    }
    let made = bytes_of(a / total, b / total);
    if (begin + thread < COLUMNS / 8u) {
      x[i] = made.bytes;
      x_scales[i >> 2u] = made.scale;
    }
  }
  workgroupBarrier();
}
fn x_bytes(i: u32) -> vec4<u32> { return vec4<u32>(x[2u * i], x[2u * i + 1u]); }
fn x_scale(unit: u32) -> vec2<f32> { return x_scales[unit]; }
