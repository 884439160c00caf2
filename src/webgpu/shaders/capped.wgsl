fn finish(row: u32, column: u32, value: f32) {
  out[row * shape.stride + column] = capped(vec4<f32>(with_bias(column, value))).x;
}
