const kScaled_A = 2u;
const kMinimum_A = false;

fn quants_A(at: vec2<u32>, i: u32, part: u32) -> vec4<u32> { return words[at.x + 2u * i + part]; }
fn scale_A(at: vec2<u32>, i: u32, part: u32) -> vec2<f32> { return vec2<f32>(half(2u * at.y + i), 0.0); }
