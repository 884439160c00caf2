// out[token, first_row + j] = Σ_i x[token, i] · w[j, i], and what finish() makes of it.
// LANES lanes share ROWS_EACH rows: of the units of 32 columns a lane takes every LANES-th. The x of 64 units lies in
// shared memory so that neighbouring lanes read neighbouring words.
const kUnits = COLUMNS / 32u;
const kChunk = 64u;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;     // [rows of the step, COLUMNS]
@group(0) @binding(3) var<storage, read_write> out: array<f32>;  // [rows of the step, stride]
var<workgroup> chunk: array<vec4<f32>, 8u * kChunk>;             // [8][kChunk]
var<workgroup> sums: array<f32, 256u * ROWS_EACH>;               // [ROWS_EACH][256]

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let lane = thread & (LANES - 1u);
  let row = (group.x * (256u / LANES) + thread / LANES) * ROWS_EACH;
  var acc: array<f32, ROWS_EACH>;
  for (var first = 0u; first < kUnits; first += kChunk) {
    let count = min(kChunk, kUnits - first);
    workgroupBarrier();
    for (var i = thread; i < count * 8u; i += 256u) {
      chunk[(i & 7u) * kChunk + (i >> 3u)] = x[(group.y * kUnits + first) * 8u + i];
    }
    workgroupBarrier();
    for (var unit = lane; unit < count; unit += LANES) {
      for (var r = 0u; r < ROWS_EACH; r++) {
        let w = decode(min(row + r, shape.rows - 1u) * kUnits + first + unit);
        var sum = w[0] * chunk[unit];
        for (var i = 1u; i < 8u; i++) { sum = fma(w[i], chunk[i * kChunk + unit], sum); }
        acc[r] += (sum.x + sum.y) + (sum.z + sum.w);
      }
    }
  }
  for (var r = 0u; r < ROWS_EACH; r++) { sums[r * 256u + thread] = acc[r]; }
  for (var width = LANES / 2u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (lane < width) {
      for (var r = 0u; r < ROWS_EACH; r++) { sums[r * 256u + thread] += sums[r * 256u + thread + width]; }
    }
  }
  workgroupBarrier();
  if (lane < ROWS_EACH && row + lane < shape.rows) {
    finish(group.y, shape.first_row + row + lane, sums[lane * 256u + (thread - lane)]);
  }
}
