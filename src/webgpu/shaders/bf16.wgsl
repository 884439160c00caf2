@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;

fn decode(unit: u32) -> array<vec4<f32>, 8> {
  var out: array<vec4<f32>, 8>;
  for (var i = 0u; i < 4u; i++) {
    let w = words[unit * 4u + i];
    let low = bitcast<vec4<f32>>(w << vec4<u32>(16u));
    let high = bitcast<vec4<f32>>(w & vec4<u32>(0xffff0000u));
    out[2u * i] = vec4<f32>(low.x, high.x, low.y, high.y);
    out[2u * i + 1u] = vec4<f32>(low.z, high.z, low.w, high.w);
  }
  return out;
}
