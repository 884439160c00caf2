#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

void Ops::select_rows(const Step& step, const SelectRows& op) {
  const auto* rows = at<const uint32_t>(step.output_rows);
  auto* out = at<float>(op.out);
  for (uint32_t r = 0; r < step.output_count; ++r, out += op.columns) {
    const float* x = at<const float>(op.x) + uint64_t{rows[r]} * op.columns;
    for (uint32_t i = 0; i < op.columns; ++i) out[i] = x[i];
  }
}

}  // namespace chord::cpu::kernels::scalar
