// As store_kv.wgsl, as Q8_0. A thread has 64 elements.
const kKeys = HEADS * KEY_LENGTH / 64u;
const kAll = kKeys + HEADS * VALUE_LENGTH / 64u;
@group(0) @binding(0) var<storage, read> k: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> v: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> keys: array<Four>;
@group(0) @binding(3) var<storage, read_write> values: array<Four>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  let cell = first_position() + group.y;
  if (i >= kAll) { return; }
  let is_key = i < kKeys;
  let n = select(i - kKeys, i, is_key);
  let each = select(VALUE_LENGTH, KEY_LENGTH, is_key) / 64u;
  let to = ((n / each * CELLS + cell) * each + n % each) * 17u;
  var quants: array<u32, 16>;
  var scales: array<u32, 2>;
  for (var block = 0u; block < 2u; block++) {
    var x: array<vec4<f32>, 8>;
    var largest = vec4<f32>(0.0);
    for (var j = 0u; j < 8u; j++) {
      let from = n * 16u + block * 8u + j;
      if (is_key) { x[j] = k[group.y * kKeys * 16u + from]; } else { x[j] = v[group.y * (kAll - kKeys) * 16u + from]; }
      largest = max(largest, abs(x[j]));
    }
    let scale = max(max(largest.x, largest.y), max(largest.z, largest.w)) / 127.0;
    scales[block] = pack2x16float(vec2<f32>(scale, 0.0));
    for (var j = 0u; j < 8u; j++) {
      let q = vec4<i32>(round(x[j] * select(0.0, 1.0 / scale, scale >= 0x1p-126))) & vec4<i32>(255);
      quants[block * 8u + j] = u32(q.x | (q.y << 8u) | (q.z << 16u) | (q.w << 24u));
    }
  }
  var before = scales[0];
  for (var j = 0u; j < 17u; j++) {
    var word = before;
    if (j < 8u) {
      word |= quants[j] << 16u;
      before = quants[j] >> 16u;
    } else if (j == 8u) {
      word |= scales[1] << 16u;
    } else {
      word = quants[j - 1u];
    }
    if (is_key) { keys[to + j] = word; } else { values[to + j] = word; }
  }
}
