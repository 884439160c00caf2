@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // low nibbles, high pairs, scales
@group(0) @binding(1) var<storage, read> rest: array<u32>;         // the scale of the scales

fn decode(unit: u32) -> array<vec4<f32>, 8> {
  let sb = unit >> 3u;
  let block = sb * 13u;
  let u = unit & 7u;
  let d = half(sb);
  let scales = words[block + 12u][u >> 1u] >> ((u & 1u) * 16u);
  let low_first = block + (u >> 2u) * 4u + (u & 1u) * 2u;
  let low_shift = ((u >> 1u) & 1u) * 4u;
  let high_first = block + 8u + (u >> 2u) * 2u;
  let high_shift = (u & 3u) * 2u;
  var out: array<vec4<f32>, 8>;
  for (var part = 0u; part < 2u; part++) {
    let scale = d * f32(bitcast<i32>(scales << (24u - part * 8u)) >> 24u);
    let low = words[low_first + part] >> vec4<u32>(low_shift);
    let high = words[high_first + part] >> vec4<u32>(high_shift);
    for (var i = 0u; i < 4u; i++) {
      let q = (low[i] & 0x0f0f0f0fu) | ((high[i] & 0x03030303u) << 4u);
      out[part * 4u + i] = scale * (bytes(q) - 32.0);
    }
  }
  return out;
}
