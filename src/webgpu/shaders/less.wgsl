// a - b in each byte, of which none passes 127.
fn less(a: vec4<u32>, b: u32) -> vec4<u32> {
  return ((a | vec4<u32>(0x80808080u)) - vec4<u32>(b)) ^ vec4<u32>(0x80808080u);
}
