// Rotates queries, and puts rotated keys and values at the tokens' positions: [HEADS, CELLS, length / 4].
const kQuery = Q_HEADS * KEY_LENGTH / 4u;
const kKeys = HEADS * KEY_LENGTH / 4u;
const kValues = HEADS * VALUE_LENGTH / 4u;
@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> frequencies: array<vec2<u32>>;  // low, high
@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;    // rotated queries
@group(0) @binding(5) var<storage, read_write> keys: array<Four>;
@group(0) @binding(6) var<storage, read_write> values: array<Four>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  let cell = first_position() + group.y;
  let position = position_of(group.y);
  var rotated: vec4<f32>;
  if (i < kQuery) {
    for (var j = 0u; j < 4u; j++) {
      let e = (4u * i + j) % KEY_LENGTH;
      let at = group.y * kQuery * 4u + 4u * i + j;
      let t = turn_of(e, position);
      rotated[j] = fma(q[at], t.x, q[at + partner_of(e) - e] * t.y);
    }
    out[group.y * kQuery + i] = rotated;
  } else if (i < kQuery + kKeys) {
    let n = i - kQuery;
    for (var j = 0u; j < 4u; j++) {
      let e = (4u * n + j) % KEY_LENGTH;
      let at = group.y * kKeys * 4u + 4u * n + j;
      let t = turn_of(e, position);
      rotated[j] = fma(k[at], t.x, k[at + partner_of(e) - e] * t.y);
    }
    let head = n / (KEY_LENGTH / 4u);
    keys[(head * CELLS + cell) * (KEY_LENGTH / 4u) + n % (KEY_LENGTH / 4u)] = pack4(rotated);
  } else if (i < kQuery + kKeys + kValues) {
    let n = i - kQuery - kKeys;
    let head = n / (VALUE_LENGTH / 4u);
    values[(head * CELLS + cell) * (VALUE_LENGTH / 4u) + n % (VALUE_LENGTH / 4u)] = pack4(v[group.y * kValues + n]);
  }
}
