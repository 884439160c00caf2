// As matvec_dot8.wgsl, for many tokens, of which quantize.wgsl made bytes: a workgroup computes 64 rows of 64 tokens,
// 64 columns at a time, which it keeps as bytes in shared memory. A thread has 4 × 4 sums.
const kUnits = COLUMNS / 32u;
@group(0) @binding(2) var<storage, read> x: array<vec4<u32>>;         // [tokens, COLUMNS / 16]
@group(0) @binding(8) var<storage, read> x_scales: array<vec2<f32>>;  // [tokens, kUnits]: scale, scale · Σ x
@group(0) @binding(3) var<storage, read_write> out: array<f32>;       // [tokens, stride]
// [4 parts of 16 columns][64 rows or tokens], padded against conflicts of banks; of each its scales
var<workgroup> w_tile: array<vec4<u32>, 264>;
var<workgroup> x_tile: array<vec4<u32>, 264>;
var<workgroup> w_scale: array<vec2<f32>, 264>;
var<workgroup> x_scale: array<vec2<f32>, 264>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let tokens = step[TOKEN_COUNT_AT];
  let row = thread & 15u;
  let token = thread >> 4u;
  let part = thread & 3u;
  let at = part * 66u + (thread >> 2u);
  let w_first = min(group.x * 64u + (thread >> 2u), shape.rows - 1u) * kUnits;
  let x_first = min(group.y * 64u + (thread >> 2u), tokens - 1u) * kUnits;
  var sums: array<vec4<f32>, 4>;  // by token
  for (var first = 0u; first < kUnits; first += 2u) {
    let wanted = first + (part >> 1u);
    let unit = min(wanted, kUnits - 1u);
    workgroupBarrier();
    w_tile[at] = quants_A(vec2<u32>(0u), w_first + unit, part & 1u);
    w_scale[at] = scale_A(vec2<u32>(0u), w_first + unit, part & 1u) * select(0.0, 1.0, wanted < kUnits);
    let v = x[2u * (x_first + unit) + (part & 1u)];
    x_tile[at] = v;
    x_scale[at] = x_scales[x_first + unit];
    if (kMinimum_A && kScaled_A == 1u) {
      var sum = 0;  // of this part
      for (var j = 0u; j < 4u; j++) { sum += dot4I8Packed(0x01010101u, v[j]); }
      x_scale[at].y = x_scale[at].x * f32(sum);
    }
    workgroupBarrier();
    for (var p = 0u; p < 4u; p += kScaled_A) {
      var dots = array<vec4<i32>, 4>();  // said, since some compilers do not clear it again
      for (var q = p; q < p + kScaled_A; q++) {
        let i = q * 66u + row;
        let a = w_tile[i];
        let b = w_tile[i + 16u];
        let c = w_tile[i + 32u];
        let d = w_tile[i + 48u];
        for (var t = 0u; t < 4u; t++) {
          let v = x_tile[q * 66u + token + 16u * t];
          for (var j = 0u; j < 4u; j++) {
            dots[t] += vec4<i32>(dot4I8Packed(a[j], v[j]), dot4I8Packed(b[j], v[j]), dot4I8Packed(c[j], v[j]),
                                 dot4I8Packed(d[j], v[j]));
          }
        }
      }
      let i = p * 66u + row;
      let a = w_scale[i];
      let b = w_scale[i + 16u];
      let c = w_scale[i + 32u];
      let d = w_scale[i + 48u];
      for (var t = 0u; t < 4u; t++) {
        let s = x_scale[p * 66u + token + 16u * t];
        sums[t] = fma(vec4<f32>(a.x, b.x, c.x, d.x) * s.x, vec4<f32>(dots[t]), sums[t]);
        if (kMinimum_A) { sums[t] = fma(vec4<f32>(a.y, b.y, c.y, d.y), vec4<f32>(-s.y), sums[t]); }
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
