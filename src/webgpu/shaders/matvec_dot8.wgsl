// As matvec.wgsl, in integers: every workgroup makes bytes of x, a scale for each 32, and a subgroup computes ROWS_EACH
// rows at a time, whatever its size. Nothing of what comes before (norm, gate) needs a dispatch of its own.
const kUnits = COLUMNS / 32u;
const kRowGroups = 8u;  // in a workgroup
@group(0) @binding(3) var<storage, read_write> out: array<f32>;  // [rows of the step, stride]
var<workgroup> quants: array<vec4<u32>, 2u * kUnits>;           // 32 bytes for each unit
var<workgroup> scales: array<vec2<f32>, kUnits>;                // scale, and scale · Σ quants
var<workgroup> square_sums: array<f32, 64>;                     // by subgroup, of which the smallest have 4 lanes

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32,
        @builtin(subgroup_size) lanes: u32, @builtin(subgroup_invocation_id) lane: u32) {
  var squares = 0.0;
  for (var unit = thread; unit < kUnits; unit += 256u) {
    var v: array<vec4<f32>, 8>;
    var largest = vec4<f32>(0.0);
    for (var i = 0u; i < 8u; i++) {
      v[i] = load(group.y, unit * 8u + i, &squares);
      largest = max(largest, abs(v[i]));
    }
    let most = max(max(largest.x, largest.y), max(largest.z, largest.w));
    let inverse = select(0.0, 127.0 / most, most > 0.0);
    var sum = vec4<i32>(0);
    for (var i = 0u; i < 8u; i++) {
      let q = vec4<i32>(round(v[i] * inverse));
      sum += q;
      quants[2u * unit + (i >> 2u)][i & 3u] = pack4xI8(q);
    }
    scales[unit] = most / 127.0 * vec2<f32>(1.0, f32(sum.x + sum.y + sum.z + sum.w));
  }
  squares = subgroupAdd(squares);
  if (lane == 0u) { square_sums[thread / lanes] = squares; }
  workgroupBarrier();
  let subgroups = 256u / lanes;
  squares = 0.0;
  for (var i = 0u; i < subgroups; i++) { squares += square_sums[i]; }
  let scale = factor(squares);

  for (var first = 0u; first < kRowGroups; first += subgroups) {
    let index = first + thread / lanes;
    let row = (group.x * kRowGroups + min(index, kRowGroups - 1u)) * ROWS_EACH;
    var acc: array<f32, ROWS_EACH>;
    for (var span = lane; span < kUnits / kSpan; span += lanes) {
      for (var r = 0u; r < ROWS_EACH; r++) {
        acc[r] += dot_span(min(row + r, shape.rows - 1u) * (kUnits / kSpan) + span, span * kSpan);
      }
    }
    var mine = 0.0;
    for (var r = 0u; r < ROWS_EACH; r++) {
      let total = subgroupAdd(acc[r]);
      if (lane == r) { mine = total; }
    }
    if (lane < ROWS_EACH && index < kRowGroups && row + lane < shape.rows) {
      finish(group.y, shape.first_row + row + lane, mine * scale);
    }
  }
}
