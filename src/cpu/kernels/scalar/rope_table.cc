#include "cpu/kernels/math.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {

void Ops::rope_table(const Step& step, const RopeTable& op, const Share& share) {
  const auto* frequencies = at<const double>(op.frequencies);
  const auto* factors = at<const float>(op.factors);
  share.each(step.token_count, 1, [&](uint32_t begin, uint32_t end) {
    float* out = at<float>(op.out) + uint64_t{begin} * op.pair_count * 2;
    for (uint32_t t = begin; t < end; ++t) {
      const double position = step.first_position + t;
      for (uint32_t i = 0; i < op.pair_count; ++i, out += 2) {
        double angle = position * frequencies[i];
        if (factors != nullptr) angle /= static_cast<double>(factors[i]);
        const CosSin turn = cos_sin(angle);
        out[0] = static_cast<float>(turn.cos) * op.magnitude;
        out[1] = static_cast<float>(turn.sin) * op.magnitude;
      }
    }
  });
}

}  // namespace chord::cpu::kernels::scalar
