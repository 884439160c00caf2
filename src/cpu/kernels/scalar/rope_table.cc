#include "cpu/kernels/math.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

void Ops::rope_table(const Step& step, const RopeTable& op) {
  const auto* frequencies = at<const double>(op.frequencies);
  const auto* factors = at<const float>(op.factors);
  auto* out = at<float>(op.out);
  for (uint32_t t = 0; t < step.token_count; ++t) {
    const double position = step.first_position + t;
    for (uint32_t i = 0; i < op.pair_count; ++i, out += 2) {
      double angle = position * frequencies[i];
      if (factors != nullptr) angle /= static_cast<double>(factors[i]);
      const CosSin turn = cos_sin(angle);
      out[0] = static_cast<float>(turn.cos) * op.magnitude;
      out[1] = static_cast<float>(turn.sin) * op.magnitude;
    }
  }
}

}  // namespace chord::cpu::kernels::scalar
