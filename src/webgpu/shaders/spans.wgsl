// A span is 64 columns of a row: the bytes of x, and scale and scale · Σ bytes of each 32;
struct Span {
  a: vec4<u32>,
  b: vec4<u32>,
  c: vec4<u32>,
  d: vec4<u32>,
  s: vec4<f32>,
}
// and what load_A() reads of the weights, for dot_A().
struct Raw {
  a: vec4<u32>,
  b: vec4<u32>,
  c: vec4<u32>,
  d: vec4<u32>,
  e: vec4<u32>,
  f: vec4<f32>,
  s: vec2<f32>,
}
fn dot16(q: vec4<u32>, x: vec4<u32>) -> i32 {
  return dot4I8Packed(q.x, x.x) + dot4I8Packed(q.y, x.y) + dot4I8Packed(q.z, x.z) + dot4I8Packed(q.w, x.w);
}
fn low(q: vec4<u32>) -> vec4<u32> { return q & vec4<u32>(0x0f0f0f0fu); }
fn high(q: vec4<u32>) -> vec4<u32> { return low(q >> vec4<u32>(4u)); }
