// Sixteen bits, each as the fifth bit of a byte.
fn fifth_bits(bits: u32) -> vec4<u32> {
  let four = (vec4<u32>(bits) >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u);
  return ((four * vec4<u32>(0x00204081u)) & vec4<u32>(0x01010101u)) << vec4<u32>(4u);
}
