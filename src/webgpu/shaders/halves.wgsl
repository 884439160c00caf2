// As matmul_matrix.wgsl reads them: 16-bit floats in blocks of 16 × 16.
@group(0) @binding(3) var<storage, read_write> blocks: array<vec4<u32>>;  // [rows / 16][COLUMNS / 16][16][16]
fn store_halves(row: u32, part: u32, a: vec4<f32>, b: vec4<f32>) {
  blocks[((row >> 4u) * (COLUMNS / 16u) + (part >> 1u)) * 32u + (row & 15u) * 2u + (part & 1u)] =
      vec4<u32>(pack2x16float(a.xy), pack2x16float(a.zw), pack2x16float(b.xy), pack2x16float(b.zw));
}
