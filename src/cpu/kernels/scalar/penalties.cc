#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {
namespace {

void penalize(const Sampling& sampling, float* logits, uint32_t vocab_size) {
  const auto* penalized = at<const TokenCount>(sampling.penalized);
  for (uint32_t i = 0; i < sampling.penalized_count; ++i) {
    const auto token = static_cast<uint32_t>(penalized[i].token);
    if (token >= vocab_size) continue;
    float& logit = logits[token];
    logit = logit > 0 ? logit / sampling.repetition_penalty : logit * sampling.repetition_penalty;
    logit -= sampling.frequency_penalty * static_cast<float>(penalized[i].count);
    logit -= sampling.presence_penalty;
  }
  const auto* biases = at<const TokenBias>(sampling.biases);
  for (uint32_t i = 0; i < sampling.bias_count; ++i) {
    const auto token = static_cast<uint32_t>(biases[i].token);
    if (token < vocab_size) logits[token] += biases[i].bias;
  }
}

}  // namespace

// The repetition penalty (arXiv:1909.05858) divides what is positive and multiplies what is not, then the
// frequency and presence penalties are subtracted, then the biases added. Ids outside the vocabulary are
// passed over.
void Ops::penalties(const Step& step, const Penalties& op, const Share& share) {
  const auto* sampling = at<const Sampling>(step.sampling);
  if (sampling == nullptr) return;
  share.each(step.output_count, 1, [&](uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; ++r) {
      penalize(sampling[r], at<float>(op.logits) + uint64_t{r} * op.vocab_size, op.vocab_size);
    }
  });
}

}  // namespace chord::cpu::kernels::scalar
