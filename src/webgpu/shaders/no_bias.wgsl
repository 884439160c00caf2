fn with_bias(column: u32, value: f32) -> f32 { return value; }
