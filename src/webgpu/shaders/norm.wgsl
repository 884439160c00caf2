// (x − c) / sqrt(mean((x − c)²) + ε) · weight + bias, over parts of LENGTH columns; c is the mean where CENTERED,
// otherwise 0.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
var<workgroup> sums: array<f32, 128>;

fn mean_of(thread: u32, value: f32) -> f32 {
  workgroupBarrier();
  sums[thread] = value;
  for (var width = 64u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread < width) { sums[thread] += sums[thread + width]; }
  }
  workgroupBarrier();
  return sums[0] / f32(LENGTH);
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let first = (group.y * GROUPS + group.x) * LENGTH;
  var center = 0.0;
  if (CENTERED) {
    for (var i = thread; i < LENGTH; i += 128u) { center += x[first + i]; }
    center = mean_of(thread, center);
  }
  var sum = 0.0;
  for (var i = thread; i < LENGTH; i += 128u) {
    let v = x[first + i] - center;
    sum = fma(v, v, sum);
  }
  let factor = 1.0 / sqrt(mean_of(thread, sum) + EPSILON);
  for (var i = thread; i < LENGTH; i += 128u) {
    out[first + i] = with_bias(i, (x[first + i] - center) * factor * weight[i]);
  }
}
