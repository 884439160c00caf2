// How far an element of a head turns. A frequency is a 64-bit fraction of a turn, so that the angle loses nothing at
// positions where f32 has no digits left for it.

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

// Of element e: the factors of itself and of its partner.
fn turn_of(e: u32, position: u32) -> vec2<f32> {
  if (e >= 2u * PAIRS) { return vec2<f32>(1.0, 0.0); }
  let f = frequencies[select(e >> 1u, e % PAIRS, HALVES)];
  let r = MAGNITUDE * rotation(position * f.y + multiply_high(position, f.x));
  let second = select((e & 1u) == 1u, e >= PAIRS, HALVES);
  return select(vec2<f32>(r.x, -r.y), r, second);
}
fn partner_of(e: u32) -> u32 {
  if (e >= 2u * PAIRS) { return e; }
  return select(e ^ 1u, select(e + PAIRS, e - PAIRS, e >= PAIRS), HALVES);
}
