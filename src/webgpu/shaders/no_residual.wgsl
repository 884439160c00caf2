fn finish(row: u32, column: u32, value: f32) { out[row * shape.stride + column] = with_bias(column, value); }
