#include "cpu/kernels/quantize.h"

#include "cpu/kernels/layout.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

void Ops::quantize(const Step& step, const Quantize& op, const Share& /*share*/) {
  const uint64_t row = quantized_bytes(op.quantization, op.columns);
  for (uint64_t i = 0; i < uint64_t{row_count(step, op.rows)} * op.choices; ++i) {
    quantize_row<int8_t, int8_t>(op.quantization, at<const float>(op.x) + i * op.columns, op.columns,
                                 at<uint8_t>(op.out) + i * row);
  }
}

}  // namespace chord::cpu::kernels::scalar
