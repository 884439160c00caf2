@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // blocks as in the file

fn decode(unit: u32) -> array<vec4<f32>, 8> {
  let block = (unit >> 3u) * 9u;
  let u = unit & 7u;
  let dm = k_scales(words[block], u);
  let first = block + 1u + (u >> 1u) * 2u;
  let shift = (u & 1u) * 4u;
  var out: array<vec4<f32>, 8>;
  for (var part = 0u; part < 2u; part++) {
    let q = words[first + part] >> vec4<u32>(shift);
    for (var i = 0u; i < 4u; i++) { out[part * 4u + i] = dm.x * bytes(q[i] & 0x0f0f0f0fu) - dm.y; }
  }
  return out;
}
