alias Four = vec4<f32>;
fn unpack4(v: Four) -> vec4<f32> { return v; }
fn pack4(v: vec4<f32>) -> Four { return v; }
