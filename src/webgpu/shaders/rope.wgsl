// Rotates pairs of each head's first 2 · PAIRS elements by position · frequency. A frequency is a 64-bit fraction of
// a turn, so that the angle loses nothing at positions where f32 has no digits left for it.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> frequencies: array<vec2<u32>>;  // low, high
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

fn multiply_high(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let first = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let second = (a & 0xffffu) * (b >> 16u) + (first & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (first >> 16u) + (second >> 16u);
}

// cos and sin of `turn` / 2³² turns: the nearest quarter, and Taylor series within an eighth of it.
fn rotation(turn: u32) -> vec2<f32> {
  let quarter = (turn + 0x20000000u) >> 30u;
  let angle = f32(bitcast<i32>(turn - (quarter << 30u))) * 1.46291807926715968e-9;
  let s = angle * angle;
  let sine = angle * (1.0 + s * (-1.6666667e-1 + s * (8.3333333e-3 + s * (-1.9841270e-4 + s * 2.7557319e-6))));
  let cosine = 1.0 + s * (-0.5 + s * (4.1666667e-2 + s * (-1.3888889e-3 + s * 2.4801587e-5)));
  let even = select(vec2<f32>(cosine, sine), vec2<f32>(-cosine, -sine), quarter == 2u);
  let odd = select(vec2<f32>(-sine, cosine), vec2<f32>(sine, -cosine), quarter == 3u);
  return select(even, odd, (quarter & 1u) == 1u);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  if (i >= HEADS * HEAD_LENGTH) { return; }
  let at = group.y * HEADS * HEAD_LENGTH + i;
  let e = i % HEAD_LENGTH;
  if (e >= 2u * PAIRS) {
    out[at] = x[at];
    return;
  }
  let pair = select(e >> 1u, e % PAIRS, HALVES);
  let second = select((e & 1u) == 1u, e >= PAIRS, HALVES);
  let distance = select(1u, PAIRS, HALVES);
  let f = frequencies[pair];
  let position = first_position() + group.y;
  let r = MAGNITUDE * rotation(position * f.y + multiply_high(position, f.x));
  if (second) {
    out[at] = fma(x[at - distance], r.y, x[at] * r.x);
  } else {
    out[at] = fma(x[at], r.x, -x[at + distance] * r.y);
  }
}
