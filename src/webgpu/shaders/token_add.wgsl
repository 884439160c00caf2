// Adds 32 rows' products to the stream, and makes bytes of what it then holds, for the norm that follows. FRESH: they
// take the stream's place.
@group(0) @binding(3) var<storage, read_write> stream: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> norm_weight: array<vec4<f32>>;
var<workgroup> products: array<f32, 32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32,
        @builtin(subgroup_size) lanes: u32, @builtin(subgroup_invocation_id) lane: u32) {
  let part = thread & 3u;
  let at = group.x * 8u + 2u * part;
  let v = norm_weight[at];
  let w = norm_weight[at + 1u];
  var a: vec4<f32>;
  var b: vec4<f32>;
  if (thread < 4u && !FRESH) {
    a = stream[at];
    b = stream[at + 1u];
  }
  for (var first = 0u; first < 32u / EACH; first += 256u / lanes) {
    let mine = first + thread / lanes;
    let share = min(mine, 32u / EACH - 1u) * EACH;
    var rows: array<Row, EACH>;
    for (var r = 0u; r < EACH; r++) { rows[r] = Row(vec2<u32>(0u), group.x * 32u + share + r); }
    let raw = read_A(rows, lane);
    if (first == 0u) { gather(thread); }
    let sums = dots_A(rows, raw, lane, lanes);
    for (var r = 0u; r < EACH; r++) {
      let sum = subgroupAdd(sums.rows[r]);
      if (lane == 0u && mine < 32u / EACH) { products[share + r] = sum; }
    }
  }
  workgroupBarrier();
  let p = part * 8u;
  a += vec4<f32>(products[p], products[p + 1u], products[p + 2u], products[p + 3u]);
  b += vec4<f32>(products[p + 4u], products[p + 5u], products[p + 6u], products[p + 7u]);
  if (thread < 4u) {
    stream[at] = a;
    stream[at + 1u] = b;
  }
  to_bytes(group.x, part, a * v, b * w, dot(a, a) + dot(b, b), thread < 4u);
}
