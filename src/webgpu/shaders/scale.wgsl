fn activation(x: vec4<f32>) -> vec4<f32> { return FACTOR * x; }
