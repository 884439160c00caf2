// Puts keys and values at the tokens' positions: [HEADS, CELLS, length / 4].
const kKeys = HEADS * KEY_LENGTH / 4u;
const kAll = kKeys + HEADS * VALUE_LENGTH / 4u;
@group(0) @binding(0) var<storage, read> k: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> v: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> keys: array<Four>;
@group(0) @binding(3) var<storage, read_write> values: array<Four>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  let cell = first_position() + group.y;
  if (i < kKeys) {
    let head = i / (KEY_LENGTH / 4u);
    keys[(head * CELLS + cell) * (KEY_LENGTH / 4u) + i % (KEY_LENGTH / 4u)] = pack4(k[group.y * kKeys + i]);
  } else if (i < kAll) {
    let j = i - kKeys;
    let head = j / (VALUE_LENGTH / 4u);
    values[(head * CELLS + cell) * (VALUE_LENGTH / 4u) + j % (VALUE_LENGTH / 4u)] =
        pack4(v[group.y * (kAll - kKeys) + j]);
  }
}
