@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // scales, then 2-bit quants
@group(0) @binding(1) var<storage, read> rest: array<u32>;         // the scales of scales and minimums

fn decode(unit: u32) -> array<vec4<f32>, 8> {
  let block = unit >> 3u;
  let u = unit & 7u;
  let dm = unpack2x16float(rest[block]);
  let scales = words[block * 5u][u >> 1u] >> ((u & 1u) * 16u);
  let first = block * 5u + 1u + (u >> 2u) * 2u;
  let shift = (u & 3u) * 2u;
  var out: array<vec4<f32>, 8>;
  for (var i = 0u; i < 8u; i++) {
    let scale = scales >> ((i >> 2u) * 8u);
    let q = bytes((words[first + (i >> 2u)][i & 3u] >> shift) & 0x03030303u);
    out[i] = dm.x * f32(scale & 15u) * q - dm.y * f32((scale >> 4u) & 15u);
  }
  return out;
}
