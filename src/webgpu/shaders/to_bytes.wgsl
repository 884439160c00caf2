@group(0) @binding(9) var<storage, read_write> next: array<vec2<u32>>;
@group(0) @binding(10) var<storage, read_write> next_scales: array<vec2<f32>>;  // [NEXT], then [NEXT] sums of squares

fn to_bytes(unit: u32, part: u32, a: vec4<f32>, b: vec4<f32>, squares: f32, writes: bool) {
  let made = bytes_of(a, b);
  let all_squares = four_sum(squares);
  if (writes) {
    next[4u * unit + part] = made.bytes;
    if (part == 0u) { next_scales[unit] = made.scale; }
    if (part == 1u) { next_scales[NEXT + unit] = vec2<f32>(all_squares); }
  }
}
