// One split has all keys.
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;  // [tokens, HEADS, kLanes]
fn finish(row: u32, split: u32, lane: u32, sum: vec4<f32>, largest: f32, total: f32) {
  out[row * kLanes + lane] = sum / total;
}
