#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/activation.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

void Ops::unary(const Step& step, const Unary& op, const Share& /*share*/) {
  const auto* x = at<const float>(op.x);
  auto* out = at<float>(op.out);
  const uint64_t count = uint64_t{row_count(step, op.rows)} * op.columns;
  for (uint64_t i = 0; i < count; ++i) {
    out[i] =
        static_cast<float>(activate(op.kind, static_cast<double>(x[i]), static_cast<double>(op.parameter)));
  }
}

}  // namespace chord::cpu::kernels::scalar
