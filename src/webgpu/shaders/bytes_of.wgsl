// Bytes of 32 numbers, of which each of four neighbouring lanes has eight, and their scale and scale · Σ bytes.
struct Made {
  bytes: vec2<u32>,
  scale: vec2<f32>,
}
fn four_sum(x: f32) -> f32 {
  let sum = x + subgroupShuffleXor(x, 1u);
  return sum + subgroupShuffleXor(sum, 2u);
}
fn bytes_of(a: vec4<f32>, b: vec4<f32>) -> Made {
  let largest = max(abs(a), abs(b));
  var most = max(max(largest.x, largest.y), max(largest.z, largest.w));
  most = max(most, subgroupShuffleXor(most, 1u));
  most = max(most, subgroupShuffleXor(most, 2u));
  let inverse = select(0.0, 127.0 / most, most > 0.0);
  let p = round(a * inverse);
  let q = round(b * inverse);
  let sum = four_sum((p.x + q.x) + (p.y + q.y) + (p.z + q.z) + (p.w + q.w));
  return Made(vec2<u32>(pack4xI8(vec4<i32>(p)), pack4xI8(vec4<i32>(q))), most / 127.0 * vec2<f32>(1.0, sum));
}
