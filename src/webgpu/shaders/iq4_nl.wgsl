@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;  // a block's nibbles
@group(0) @binding(1) var<storage, read> rest: array<u32>;         // its scale

fn decode(unit: u32) -> array<vec4<f32>, 8> { return iq4(half(unit), words[unit]); }
