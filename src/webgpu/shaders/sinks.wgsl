// Of each head, a logit that takes part in the softmax and has no value.
@group(0) @binding(5) var<storage, read> sinks: array<f32>;
fn sink_of(head: u32) -> f32 { return sinks[head]; }
