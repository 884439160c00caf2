@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // a block's nibbles
@group(0) @binding(1) var<storage, read> rest: array<u32>;         // its scale
const kSpan = 1u;

fn dot_span(i: u32, unit: u32) -> f32 {
  let q = words[i];
  var sum = 0i;
  for (var j = 0u; j < 4u; j++) {
    sum += dot4I8Packed(q[j] & 0x0f0f0f0fu, quants[2u * unit][j]);
    sum += dot4I8Packed((q[j] >> 4u) & 0x0f0f0f0fu, quants[2u * unit + 1u][j]);
  }
  return half(i) * (scales[unit].x * f32(sum) - 8.0 * scales[unit].y);
}
