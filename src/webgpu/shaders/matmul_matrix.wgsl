// As matmul.wgsl, on matrix units, which a subgroup of 32 shares: a workgroup computes 64 rows of 128 tokens, and each
// of its four subgroups 32 rows of 64 tokens. All of it is spelled out, since compilers put arrays of matrices into
// memory.
const kBlocks = COLUMNS / 16u;
alias Left = subgroup_matrix_left<f16, 16, 16>;
alias Right = subgroup_matrix_right<f16, 16, 16>;
alias Sum = subgroup_matrix_result<f32, 16, 16>;
@group(0) @binding(0) var<storage, read> w: array<f16>;          // [rows / 16][kBlocks][16][16]
@group(0) @binding(2) var<storage, read> x: array<f16>;          // [tokens / 16][kBlocks][16][16]
@group(0) @binding(3) var<storage, read_write> out: array<f32>;  // [tokens, stride]
var<workgroup> sums: array<f32, 1024>;                           // [4 subgroups][16 tokens][16 rows]

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32,
        @builtin(subgroup_id) quarter: u32) {
  let tokens = step[TOKEN_COUNT_AT];
  let row = group.x * 64u + (quarter >> 1u) * 32u;
  let token = group.y * 128u + (quarter & 1u) * 64u;
  const kRow = kBlocks * 256u;  // of blocks
  var x_at = token / 16u * kRow;
  var w_at = row / 16u * kRow;
  var x0 = subgroupMatrixLoad<Left, row_major>(&x, x_at, 16u);
  var x1 = subgroupMatrixLoad<Left, row_major>(&x, x_at + kRow, 16u);
  var x2 = subgroupMatrixLoad<Left, row_major>(&x, x_at + 2u * kRow, 16u);
  var x3 = subgroupMatrixLoad<Left, row_major>(&x, x_at + 3u * kRow, 16u);
  var w0 = subgroupMatrixLoad<Right, col_major>(&w, w_at, 16u);
  var w1 = subgroupMatrixLoad<Right, col_major>(&w, w_at + kRow, 16u);
  var a0: Sum;
  var a1: Sum;
  var a2: Sum;
  var a3: Sum;
  var b0: Sum;
  var b1: Sum;
  var b2: Sum;
  var b3: Sum;
  for (var block = 1u; block <= kBlocks; block++) {
    // The next blocks are on their way while these are multiplied; after the last ones, these again.
    let more = select(0u, 256u, block < kBlocks);
    x_at += more;
    w_at += more;
    let next_x0 = subgroupMatrixLoad<Left, row_major>(&x, x_at, 16u);
    let next_x1 = subgroupMatrixLoad<Left, row_major>(&x, x_at + kRow, 16u);
    let next_x2 = subgroupMatrixLoad<Left, row_major>(&x, x_at + 2u * kRow, 16u);
    let next_x3 = subgroupMatrixLoad<Left, row_major>(&x, x_at + 3u * kRow, 16u);
    let next_w0 = subgroupMatrixLoad<Right, col_major>(&w, w_at, 16u);
    let next_w1 = subgroupMatrixLoad<Right, col_major>(&w, w_at + kRow, 16u);
    a0 = subgroupMatrixMultiplyAccumulate(x0, w0, a0);
    a1 = subgroupMatrixMultiplyAccumulate(x1, w0, a1);
    a2 = subgroupMatrixMultiplyAccumulate(x2, w0, a2);
    a3 = subgroupMatrixMultiplyAccumulate(x3, w0, a3);
    b0 = subgroupMatrixMultiplyAccumulate(x0, w1, b0);
    b1 = subgroupMatrixMultiplyAccumulate(x1, w1, b1);
    b2 = subgroupMatrixMultiplyAccumulate(x2, w1, b2);
    b3 = subgroupMatrixMultiplyAccumulate(x3, w1, b3);
    x0 = next_x0;
    x1 = next_x1;
    x2 = next_x2;
    x3 = next_x3;
    w0 = next_w0;
    w1 = next_w1;
  }
  // One after the other: what this takes of shared memory, the cache does not have for x and w.
  for (var i = 0u; i < 8u; i++) {
    workgroupBarrier();
    switch i {
      case 0u: { subgroupMatrixStore<row_major>(&sums, quarter * 256u, a0, 16u); }
      case 1u: { subgroupMatrixStore<row_major>(&sums, quarter * 256u, a1, 16u); }
      case 2u: { subgroupMatrixStore<row_major>(&sums, quarter * 256u, a2, 16u); }
      case 3u: { subgroupMatrixStore<row_major>(&sums, quarter * 256u, a3, 16u); }
      case 4u: { subgroupMatrixStore<row_major>(&sums, quarter * 256u, b0, 16u); }
      case 5u: { subgroupMatrixStore<row_major>(&sums, quarter * 256u, b1, 16u); }
      case 6u: { subgroupMatrixStore<row_major>(&sums, quarter * 256u, b2, 16u); }
      default: { subgroupMatrixStore<row_major>(&sums, quarter * 256u, b3, 16u); }
    }
    workgroupBarrier();
    for (var j = lane; j < 256u; j += 32u) {
      let t = token + (i & 3u) * 16u + (j >> 4u);
      let r = row + (i >> 2u) * 16u + (j & 15u);
      if (r < shape.rows && t < tokens) { finish(t, shape.first_row + r, sums[quarter * 256u + j]); }
    }
  }
}
