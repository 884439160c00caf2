const kScaled = 2u;  // parts of 16 with one scale
const kMinimum = false;

fn quants_of(i: u32, part: u32) -> vec4<u32> {
  return less((words[i] >> vec4<u32>(4u * part)) & vec4<u32>(0x0f0f0f0fu), 0x08080808u);
}
fn scale_of(i: u32, part: u32) -> vec2<f32> { return vec2<f32>(half(i), 0.0); }
