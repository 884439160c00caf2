@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // a block's bytes
@group(0) @binding(1) var<storage, read> rest: array<u32>;         // its scale
const kSpan = 1u;

fn dot_span(i: u32, unit: u32) -> f32 {
  var sum = 0i;
  for (var part = 0u; part < 2u; part++) {
    let q = words[2u * i + part];
    let x = quants[2u * unit + part];
    for (var j = 0u; j < 4u; j++) { sum += dot4I8Packed(q[j], x[j]); }
  }
  return half(i) * scales[unit].x * f32(sum);
}
