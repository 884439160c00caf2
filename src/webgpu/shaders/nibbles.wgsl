// The low ones of bytes, or the high ones.
fn nibbles(q: vec4<u32>, high: u32) -> vec4<u32> { return (q >> vec4<u32>(4u * high)) & vec4<u32>(0x0f0f0f0fu); }
