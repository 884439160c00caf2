fn with_bias(matrix: u32, row: u32, value: f32) -> f32 { return value; }
