#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/formats.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {
namespace {

template <class Block>
double dot(const Block* blocks, const float* x, uint32_t columns) {
  double sum = 0;
  for (uint32_t i = 0; i < columns; ++i) {
    const float w = weight(blocks[i / Block::kLength], i % Block::kLength);
    sum += static_cast<double>(w) * static_cast<double>(x[i]);
  }
  return sum;
}

}  // namespace

void Ops::matmul(const Step& step, const MatMul& op, const Share& /*share*/) {
  const auto* experts = at<const int32_t>(op.experts);
  const auto* bias = at<const float>(op.bias);
  const auto* residual = at<const float>(op.residual);
  auto* out = at<float>(op.out);
  for (uint32_t r = 0; r < row_count(step, op.rows); ++r) {
    const float* x = at<const float>(op.x) + uint64_t{r} * op.columns;
    const uint64_t expert = experts != nullptr ? static_cast<uint64_t>(experts[r]) : 0;
    const Address matrix = op.w + expert * op.expert_bytes;
    for (uint32_t j = 0; j < op.row_count; ++j) {
      double sum = 0;
      visit_type(static_cast<Type>(op.type), [&]<class Block>(Block) {
        sum = dot(at<const Block>(matrix + j * op.row_bytes), x, op.columns);
      });
      const uint64_t index = uint64_t{r} * op.row_count + j;
      if (bias != nullptr) sum += static_cast<double>(bias[j]);
      if (residual != nullptr) sum += static_cast<double>(residual[index]);
      out[index] = static_cast<float>(sum);
    }
  }
}

}  // namespace chord::cpu::kernels::scalar
