// CAP · tanh(x / CAP), by tanh u = 1 − 2 / (exp(2u) + 1), whose builtin overflows on some GPUs; CAP 0: x.
fn capped(x: vec4<f32>) -> vec4<f32> {
  if (CAP == 0.0) { return x; }
  return CAP - 2.0 * CAP / (exp(min(2.0 * x / CAP, vec4<f32>(80.0))) + 1.0);
}
