#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

void Ops::select_rows(const Step& step, const SelectRows& op, const Share& share) {
  const auto* rows = at<const uint32_t>(step.output_rows);
  share.each(step.output_count, 1, [&](uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; ++r) {
      const float* x = at<const float>(op.x) + uint64_t{rows[r]} * op.columns;
      float* out = at<float>(op.out) + uint64_t{r} * op.columns;
      for (uint32_t i = 0; i < op.columns; ++i) out[i] = x[i];
    }
  });
}

}  // namespace chord::cpu::kernels::scalar
