#include "cpu/kernels/quantize.h"

#include "cpu/kernels/layout.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

void Ops::quantize(const Step& step, const Quantize& op, const Share& /*share*/) {
  const uint64_t row = quantized_bytes(op.quantization, op.columns);
  for (uint32_t r = 0; r < row_count(step, op.rows); ++r) {
    quantize_row<int8_t, int8_t>(op.quantization, at<const float>(op.x) + uint64_t{r} * op.columns,
                                 op.columns, at<uint8_t>(op.out) + r * row);
  }
}

}  // namespace chord::cpu::kernels::scalar
