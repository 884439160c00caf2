@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // blocks as in the file
const kSpan = 2u;  // the nibbles of the same bytes

fn dot_span(i: u32, unit: u32) -> f32 {
  let block = (i >> 2u) * 9u;
  let part = (i & 3u) * 2u;
  let head = words[block];
  var low = 0i;
  var high = 0i;
  for (var k = 0u; k < 2u; k++) {
    let q = words[block + 1u + part + k];
    let x = quants[2u * unit + k];
    let y = quants[2u * unit + 2u + k];
    for (var j = 0u; j < 4u; j++) {
      low += dot4I8Packed(q[j] & 0x0f0f0f0fu, x[j]);
      high += dot4I8Packed((q[j] >> 4u) & 0x0f0f0f0fu, y[j]);
    }
  }
  let a = k_scales(head, part);
  let b = k_scales(head, part + 1u);
  let first = a.x * scales[unit].x * f32(low) - a.y * scales[unit].y;
  return first + (b.x * scales[unit + 1u].x * f32(high) - b.y * scales[unit + 1u].y);
}
