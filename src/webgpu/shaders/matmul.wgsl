// As matvec.wgsl, for many tokens: a workgroup computes 64 rows of 64 tokens, a unit of 32 columns at a time, which it
// decodes into shared memory. A thread has 4 × 4 sums.
const kUnits = COLUMNS / 32u;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;     // [tokens, COLUMNS]
@group(0) @binding(3) var<storage, read_write> out: array<f32>;  // [tokens, stride]
// [8 parts of 4 columns][rows or tokens]; tokens in an order that avoids conflicts of banks
var<workgroup> w_tile: array<vec4<f32>, 512>;
var<workgroup> x_tile: array<vec4<f32>, 512>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let tokens = step[TOKEN_COUNT_AT];
  let row = thread & 15u;
  let token = thread >> 4u;
  var sums: array<array<f32, 4>, 4>;
  for (var unit = 0u; unit < kUnits; unit++) {
    workgroupBarrier();
    if (thread < 64u) {
      let w = decode(min(group.x * 64u + thread, shape.rows - 1u) * kUnits + unit);
      for (var i = 0u; i < 8u; i++) { w_tile[i * 64u + thread] = w[i]; }
    }
    for (var i = thread; i < 512u; i += 256u) {
      let part = i & 7u;
      let t = i >> 3u;
      x_tile[part * 64u + (t ^ part)] = x[(min(group.y * 64u + t, tokens - 1u) * kUnits + unit) * 8u + part];
    }
    workgroupBarrier();
    for (var part = 0u; part < 8u; part++) {
      var w: array<vec4<f32>, 4>;
      for (var r = 0u; r < 4u; r++) { w[r] = w_tile[part * 64u + row + 16u * r]; }
      for (var t = 0u; t < 4u; t++) {
        let v = x_tile[part * 64u + ((token + 16u * t) ^ part)];
        for (var r = 0u; r < 4u; r++) {
          sums[t][r] = fma(w[r].w, v.w, fma(w[r].z, v.z, fma(w[r].y, v.y, fma(w[r].x, v.x, sums[t][r]))));
        }
      }
    }
  }
  for (var t = 0u; t < 4u; t++) {
    for (var r = 0u; r < 4u; r++) {
      let i = group.x * 64u + row + 16u * r;
      let j = group.y * 64u + token + 16u * t;
      if (i < shape.rows && j < tokens) { finish(j, shape.first_row + i, sums[t][r]); }
    }
  }
}
