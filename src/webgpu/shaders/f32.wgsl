@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;

fn decode(unit: u32) -> array<vec4<f32>, 8> {
  var out: array<vec4<f32>, 8>;
  for (var i = 0u; i < 8u; i++) { out[i] = bitcast<vec4<f32>>(words[unit * 8u + i]); }
  return out;
}
