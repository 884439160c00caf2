@group(0) @binding(2) var<storage, read> x: array<vec4<u32>>;         // [COLUMNS / 16], bytes
@group(0) @binding(8) var<storage, read> x_scales: array<vec2<f32>>;  // [COLUMNS / 32], then as many sums of squares
fn gather(thread: u32) {}
fn x_bytes(i: u32) -> vec4<u32> { return x[i]; }
fn x_scale(unit: u32) -> vec2<f32> { return x_scales[unit]; }
