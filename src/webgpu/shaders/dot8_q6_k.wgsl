@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // low nibbles, high pairs, scales
@group(0) @binding(1) var<storage, read> rest: array<u32>;         // the scale of the scales
const kSpan = 1u;

fn dot_span(i: u32, unit: u32) -> f32 {
  let sb = i >> 3u;
  let block = sb * 13u;
  let u = i & 7u;
  let block_scales = words[block + 12u][u >> 1u] >> ((u & 1u) * 16u);
  let low_first = block + (u >> 2u) * 4u + (u & 1u) * 2u;
  let high_first = block + 8u + (u >> 2u) * 2u;
  var sum = 0.0;
  for (var part = 0u; part < 2u; part++) {
    let low = words[low_first + part] >> vec4<u32>(((u >> 1u) & 1u) * 4u);
    let high = words[high_first + part] >> vec4<u32>((u & 3u) * 2u);
    let x = quants[2u * unit + part];
    var dots = 0i;
    for (var j = 0u; j < 4u; j++) {
      let q = (low[j] & 0x0f0f0f0fu) | ((high[j] & 0x03030303u) << 4u);
      // q - 32 in each byte
      dots += dot4I8Packed(((q | 0x80808080u) - 0x20202020u) ^ 0x80808080u, x[j]);
    }
    sum += f32(bitcast<i32>(block_scales << (24u - part * 8u)) >> 24u) * f32(dots);
  }
  return half(sb) * scales[unit].x * sum;
}
