#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/activation.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

void Ops::gated(const Step& step, const Gated& op, const Share& /*share*/) {
  const auto* gate = at<const float>(op.gate);
  const auto* up = at<const float>(op.up);
  auto* out = at<float>(op.out);
  const uint64_t count = uint64_t{row_count(step, op.rows)} * op.columns;
  for (uint64_t i = 0; i < count; ++i) {
    const double activated = activate(op.kind, static_cast<double>(gate[i]), 0);
    out[i] = static_cast<float>(activated * static_cast<double>(up[i]));
  }
}

}  // namespace chord::cpu::kernels::scalar
