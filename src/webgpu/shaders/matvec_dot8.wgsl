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
  // Four lanes share a unit, so that they read neighbouring words. All take part in the shuffles.
  let part = thread & 3u;
  for (var first = 0u; first < kUnits; first += 64u) {
    let unit = first + (thread >> 2u);
    var a = vec4<f32>(0.0);
    var b = vec4<f32>(0.0);
    if (unit < kUnits) {
      a = load(group.y, unit * 8u + 2u * part, &squares);
      b = load(group.y, unit * 8u + 2u * part + 1u, &squares);
    }
    let largest = max(abs(a), abs(b));
    var most = max(max(largest.x, largest.y), max(largest.z, largest.w));
    most = max(most, subgroupShuffleXor(most, 1u));
    most = max(most, subgroupShuffleXor(most, 2u));
    let inverse = select(0.0, 127.0 / most, most > 0.0);
    let p = vec4<i32>(round(a * inverse));
    let q = vec4<i32>(round(b * inverse));
    var sum = (p.x + q.x) + (p.y + q.y) + (p.z + q.z) + (p.w + q.w);
    sum += subgroupShuffleXor(sum, 1u);
    sum += subgroupShuffleXor(sum, 2u);
    if (unit < kUnits) {
      let at = 2u * unit + (part >> 1u);
      let word = 2u * (part & 1u);
      quants[at][word] = pack4xI8(p);
      quants[at][word + 1u] = pack4xI8(q);
      if (part == 0u) { scales[unit] = most / 127.0 * vec2<f32>(1.0, f32(sum)); }
    }
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
