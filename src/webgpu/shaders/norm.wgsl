// x / sqrt(mean(x²) + ε) · weight, over parts of LENGTH columns.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
var<workgroup> sums: array<f32, 128>;

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let first = (group.y * GROUPS + group.x) * LENGTH;
  var sum = 0.0;
  for (var i = thread; i < LENGTH; i += 128u) { sum = fma(x[first + i], x[first + i], sum); }
  sums[thread] = sum;
  for (var width = 64u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) { sums[thread] += sums[thread + width]; }
  }
  workgroupBarrier();
  let factor = 1.0 / sqrt(sums[0] / f32(LENGTH) + EPSILON);
  for (var i = thread; i < LENGTH; i += 128u) { out[first + i] = x[first + i] * factor * weight[i]; }
}
