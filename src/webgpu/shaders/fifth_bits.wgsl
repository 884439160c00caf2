// Four bits, each as the fifth bit of a byte.
fn fifth_bits(bits: u32) -> u32 { return (((bits & 15u) * 0x00204081u) & 0x01010101u) << 4u; }
