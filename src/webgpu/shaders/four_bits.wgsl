// The bytes that the nibbles of IQ4_NL and IQ4_XS stand for.
const kValues = array<u32, 4>(0xbfad9881u, 0xf6eaddcfu, 0x26190d01u, 0x71594535u);
fn values_of(nibbles: vec4<u32>) -> vec4<u32> {
  var out: vec4<u32>;
  for (var at = 0u; at < 32u; at += 8u) {
    let n = nibbles >> vec4<u32>(at);
    let odd = (n & vec4<u32>(4u)) != vec4<u32>(0u);
    let low = select(vec4<u32>(kValues[0]), vec4<u32>(kValues[1]), odd);
    let high = select(vec4<u32>(kValues[2]), vec4<u32>(kValues[3]), odd);
    let four = select(low, high, (n & vec4<u32>(8u)) != vec4<u32>(0u));
    out |= ((four >> ((n & vec4<u32>(3u)) * 8u)) & vec4<u32>(255u)) << vec4<u32>(at);
  }
  return out;
}
