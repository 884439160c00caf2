#include "cpu/kernels/math.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {
namespace {

// Of an expert's logit, above one at which exponentials neither overflow nor vanish.
[[gnu::noinline]] double exponential(const float* logits, int32_t expert, int32_t one) {
  return exp(static_cast<double>(logits[expert]) - static_cast<double>(logits[one]));
}

void weigh(const RouterWeights& op, const float* logits, const int32_t* experts, float* out) {
  const int32_t largest = experts[0];
  const bool normalized = op.normalized != 0;
  double sum = 0;
  for (uint32_t i = 0; i < (normalized ? op.choices : op.columns); ++i) {
    sum += exponential(logits, normalized ? experts[i] : static_cast<int32_t>(i), largest);
  }
  for (uint32_t c = 0; c < op.choices; ++c) {
    const double part = exponential(logits, experts[c], largest) / sum;
    out[c] = static_cast<float>(part * static_cast<double>(op.factor));
  }
}

}  // namespace

void Ops::router_weights(const Step& step, const RouterWeights& op, const Share& share) {
  share.each(row_count(step, op.rows), 1, [&](uint32_t begin, uint32_t end) {
    for (uint64_t r = begin; r < end; ++r) {
      weigh(op, at<const float>(op.logits) + r * op.columns, at<const int32_t>(op.experts) + r * op.choices,
            at<float>(op.out) + r * op.choices);
    }
  });
}

}  // namespace chord::cpu::kernels::scalar
