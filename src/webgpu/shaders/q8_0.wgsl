@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // a block's bytes
@group(0) @binding(1) var<storage, read> rest: array<u32>;         // its scale

fn decode(unit: u32) -> array<vec4<f32>, 8> {
  let d = half(unit);
  var out: array<vec4<f32>, 8>;
  for (var i = 0u; i < 8u; i++) { out[i] = d * signed_bytes(words[unit * 2u + (i >> 2u)][i & 3u]); }
  return out;
}
