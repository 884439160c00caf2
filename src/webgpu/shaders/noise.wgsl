// The noise of src/sampling/noise.h: Philox4x32-10, and a number of the Gumbel distribution made of 52 of its bits.
fn gumbel(token: u32, seed: vec2<u32>, position: vec2<u32>) -> f32 {
  var counter = vec4<u32>(token, position, 0u);
  var key = seed;
  for (var i = 0u; i < 10u; i++) {
    let p = multiply_high(0xd2511f53u, counter.x) ^ counter.w ^ key.y;
    let q = multiply_high(0xcd9e8d57u, counter.z) ^ counter.y ^ key.x;
    counter = vec4<u32>(q, 0xcd9e8d57u * counter.z, p, 0xd2511f53u * counter.x);
    key += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  // u, or what it lacks of 1, so that neither rounds to 0.
  let lower = f32(counter.x >> 12u) + 0.5;
  var log_u = log(f32(counter.y) * 0x1p-32 + lower * 0x1p-52);
  if (counter.y >= 0x80000000u) {
    let v = f32(~counter.y) * 0x1p-32 + (0x1p20 - lower) * 0x1p-52;
    let s = v / (2.0 - v);
    let t = s * s;
    // log(1 - v) = -2 artanh(s)
    let series = fma(t, fma(t, fma(t, fma(t, fma(t, 1.0 / 11.0, 1.0 / 9.0), 1.0 / 7.0), 0.2), 1.0 / 3.0), 1.0);
    log_u = -2.0 * s * series;
  }
  return -log(-log_u);
}
