// Bytes of each row of x, and a scale for each 32 of them.
const kUnits = COLUMNS / 32u;
@group(0) @binding(3) var<storage, read_write> quants: array<vec4<u32>>;  // [rows of the step, COLUMNS / 16]
@group(0) @binding(4) var<storage, read_write> scales: array<vec2<f32>>;  // [rows, kUnits]: scale, scale · Σ quants

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let scale = factor_of(group.y, thread);
  var squares = 0.0;
  for (var unit = thread; unit < kUnits; unit += 128u) {
    var v: array<vec4<f32>, 8>;
    var largest = vec4<f32>(0.0);
    for (var i = 0u; i < 8u; i++) {
      v[i] = load(group.y, unit * 8u + i, &squares);
      largest = max(largest, abs(v[i]));
    }
    let most = max(max(largest.x, largest.y), max(largest.z, largest.w));
    let inverse = select(0.0, 127.0 / most, most > 0.0);
    var sum = vec4<i32>(0);
    for (var part = 0u; part < 2u; part++) {
      var packed: vec4<u32>;
      for (var i = 0u; i < 4u; i++) {
        let q = vec4<i32>(round(v[part * 4u + i] * inverse));
        sum += q;
        packed[i] = pack4xI8(q);
      }
      quants[(group.y * kUnits + unit) * 2u + part] = packed;
    }
    scales[group.y * kUnits + unit] = most / 127.0 * scale * vec2<f32>(1.0, f32((sum.x + sum.y) + (sum.z + sum.w)));
  }
}
