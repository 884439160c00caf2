// Scale and minimum of sub-block u, from the first 16 bytes of a Q4_K or Q5_K block.
fn k_scales(head: vec4<u32>, u: u32) -> vec2<f32> {
  let shift = (u & 3u) * 8u;
  let a = head.y >> shift;
  let b = head.z >> shift;
  let c = head.w >> shift;
  let low = vec2<u32>(a & 63u, b & 63u);
  let high = vec2<u32>((c & 15u) | ((a & 0xc0u) >> 2u), ((c >> 4u) & 15u) | ((b & 0xc0u) >> 2u));
  return unpack2x16float(head.x) * vec2<f32>(select(low, high, u >= 4u));
}
