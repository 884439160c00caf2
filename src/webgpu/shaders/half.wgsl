// The 16-bit halves of an array of words.
fn half_bits(i: u32) -> u32 { return (rest[i >> 1u] >> ((i & 1u) * 16u)) & 0xffffu; }
fn half(i: u32) -> f32 { return unpack2x16float(half_bits(i)).x; }
