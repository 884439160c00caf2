@group(0) @binding(4) var<storage, read> bias: array<f32>;
fn with_bias(column: u32, value: f32) -> f32 { return value + bias[column]; }
