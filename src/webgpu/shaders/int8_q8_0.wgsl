const kScaled = 2u;  // parts of 16 with one scale
const kMinimum = false;

fn quants_of(i: u32, part: u32) -> vec4<u32> { return words[2u * i + part]; }
fn scale_of(i: u32, part: u32) -> vec2<f32> { return vec2<f32>(half(i), 0.0); }
