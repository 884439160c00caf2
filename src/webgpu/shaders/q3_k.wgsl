@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // third bits, then 2-bit quants
@group(0) @binding(1) var<storage, read> rest: array<u32>;         // 12 bytes of scales, and their scale

fn scale_byte(block: u32, i: u32) -> u32 { return (half_bits(block * 7u + (i >> 1u)) >> ((i & 1u) * 8u)) & 255u; }

fn decode(unit: u32) -> array<vec4<f32>, 8> {
  let block = unit >> 3u;
  let u = unit & 7u;
  let d = half(block * 7u + 6u);
  let shift = (u & 3u) * 2u;
  var out: array<vec4<f32>, 8>;
  for (var part = 0u; part < 2u; part++) {
    let index = u * 2u + part;
    let low = (scale_byte(block, index & 7u) >> ((index >> 3u) * 4u)) & 15u;
    let high = (scale_byte(block, 8u + (index & 3u)) >> ((index >> 2u) * 2u)) & 3u;
    let scale = d * (f32(low | (high << 4u)) - 32.0);
    let thirds = words[block * 6u + part];
    let twos = words[block * 6u + 2u + (u >> 2u) * 2u + part];
    for (var i = 0u; i < 4u; i++) {
      let third = ((thirds[i] >> u) & 0x01010101u) << 2u;
      out[part * 4u + i] = scale * (bytes(((twos[i] >> shift) & 0x03030303u) | third) - 4.0);
    }
  }
  return out;
}
