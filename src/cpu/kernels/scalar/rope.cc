#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {
namespace {

void rotate_head(const Rope& op, const float* turns, const float* x, float* out) {
  const uint32_t stride = op.halves != 0 ? 1 : 2;
  const uint32_t distance = op.halves != 0 ? op.pair_count : 1;
  for (uint32_t i = 0; i < op.pair_count; ++i, turns += 2) {
    const float cos = turns[0];
    const float sin = turns[1];
    const uint32_t first = i * stride;
    const uint32_t second = first + distance;
    const float a = x[first];
    const float b = x[second];
    out[first] = a * cos - b * sin;
    out[second] = a * sin + b * cos;
  }
  for (uint32_t i = 2 * op.pair_count; i < op.head_length; ++i) out[i] = x[i];
}

}  // namespace

void Ops::rope(const Step& step, const Rope& op, const Share& /*share*/) {
  const auto* turns = at<const float>(op.table);
  const auto* x = at<const float>(op.x);
  auto* out = at<float>(op.out);
  for (uint32_t t = 0; t < step.token_count; ++t, turns += uint64_t{op.pair_count} * 2) {
    for (uint32_t head = 0; head < op.head_count; ++head, x += op.head_length, out += op.head_length) {
      rotate_head(op, turns, x, out);
    }
  }
}

}  // namespace chord::cpu::kernels::scalar
