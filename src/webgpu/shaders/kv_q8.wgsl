// Keys and values as Q8_0: of 64 elements two blocks of a scale and 32 bytes, which together are 17 words.
alias Four = u32;
// Four elements of 64, the j-th: of the words that have their bytes, and their scale in the half for their block.
fn four_of(j: u32, low: u32, high: u32, scales: u32) -> vec4<f32> {
  return unpack2x16float(scales)[j >> 3u] * signed_bytes(select((low >> 16u) | (high << 16u), high, j >= 8u));
}
fn key_at(cell: u32, i: u32) -> vec4<f32> {
  let at = (cell * (KEY_LENGTH / 64u) + (i >> 4u)) * 17u;
  let j = i & 15u;
  return four_of(j, keys[at + j], keys[at + j + 1u], keys[at + (j & 8u)]);
}
fn value_at(cell: u32, i: u32) -> vec4<f32> {
  let at = (cell * (VALUE_LENGTH / 64u) + (i >> 4u)) * 17u;
  let j = i & 15u;
  return four_of(j, values[at + j], values[at + j + 1u], values[at + (j & 8u)]);
}
