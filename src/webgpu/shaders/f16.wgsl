@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;

fn decode(unit: u32) -> array<vec4<f32>, 8> {
  var out: array<vec4<f32>, 8>;
  for (var i = 0u; i < 4u; i++) {
    let w = words[unit * 4u + i];
    out[2u * i] = vec4<f32>(unpack2x16float(w.x), unpack2x16float(w.y));
    out[2u * i + 1u] = vec4<f32>(unpack2x16float(w.z), unpack2x16float(w.w));
  }
  return out;
}
