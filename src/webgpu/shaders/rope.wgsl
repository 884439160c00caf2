// Rotates pairs of each head's first 2 · PAIRS elements by position · frequency.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> frequencies: array<vec2<u32>>;  // low, high
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  if (i >= HEADS * HEAD_LENGTH) { return; }
  let at = group.y * HEADS * HEAD_LENGTH + i;
  let e = i % HEAD_LENGTH;
  let t = turn_of(e, position_of(group.y));
  out[at] = fma(x[at], t.x, x[at + partner_of(e) - e] * t.y);
}
