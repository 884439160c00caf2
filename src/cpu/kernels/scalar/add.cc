#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

void Ops::add(const Step& step, const Add& op, const Share& /*share*/) {
  const auto* a = at<const float>(op.a);
  const auto* b = at<const float>(op.b);
  auto* out = at<float>(op.out);
  const uint64_t count = uint64_t{row_count(step, op.rows)} * op.columns;
  for (uint64_t i = 0; i < count; ++i) out[i] = a[i] + b[op.broadcast != 0 ? i % op.columns : i];
}

}  // namespace chord::cpu::kernels::scalar
