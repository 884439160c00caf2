// Of each split: the sum of weighted values, relative to the largest score, and that score and the weights' total.
@group(0) @binding(3) var<storage, read_write> sums: array<vec4<f32>>;    // [tokens, HEADS, SPLITS, kLanes]
@group(0) @binding(4) var<storage, read_write> totals: array<vec2<f32>>;  // [tokens, HEADS, SPLITS]
fn finish(row: u32, split: u32, lane: u32, sum: vec4<f32>, largest: f32, total: f32) {
  let at = row * SPLITS + split;
  sums[at * kLanes + lane] = sum;
  if (lane == 0u) { totals[at] = vec2<f32>(largest, total); }
}
