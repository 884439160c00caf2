fn combined(a: f32, b: f32) -> f32 { return activation(vec4<f32>(a)).x * b; }
