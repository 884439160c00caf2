#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

void Ops::weighted_sum(const Step& step, const WeightedSum& op, const Share& /*share*/) {
  const auto* residual = at<const float>(op.residual);
  for (uint64_t r = 0; r < row_count(step, op.rows); ++r) {
    const float* x = at<const float>(op.x) + r * op.choices * op.columns;
    const float* weights = at<const float>(op.weights) + r * op.choices;
    for (uint64_t j = 0; j < op.columns; ++j) {
      double sum = 0;
      for (uint64_t c = 0; c < op.choices; ++c) {
        sum += static_cast<double>(weights[c]) * static_cast<double>(x[c * op.columns + j]);
      }
      const uint64_t index = r * op.columns + j;
      if (residual != nullptr) sum += static_cast<double>(residual[index]);
      at<float>(op.out)[index] = static_cast<float>(sum);
    }
  }
}

}  // namespace chord::cpu::kernels::scalar
