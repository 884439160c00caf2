alias Four = vec2<u32>;
fn unpack4(v: Four) -> vec4<f32> { return vec4<f32>(unpack2x16float(v.x), unpack2x16float(v.y)); }
fn pack4(v: vec4<f32>) -> Four { return vec2<u32>(pack2x16float(v.xy), pack2x16float(v.zw)); }
