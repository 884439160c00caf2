// The tanh approximation (arXiv:1606.08415), by tanh u = 2 / (1 + exp(−2u)) − 1.
fn activation(x: vec4<f32>) -> vec4<f32> {
  return x / (1.0 + exp(min(-1.5957691216 * (x + 0.044715 * x * x * x), vec4<f32>(80.0))));
}
