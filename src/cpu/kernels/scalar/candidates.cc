#include "cpu/kernels/log_sum_exp.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {
namespace {

// Insertion into a sorted list. Ids ascend, so an equal logit goes behind those before it.
uint32_t select_largest(const float* logits, uint32_t vocab_size, uint32_t wanted, Candidate* largest) {
  uint32_t count = 0;
  for (uint32_t token = 0; token < vocab_size; ++token) {
    const float logit = logits[token];
    if (!(logit > -__builtin_inff())) continue;
    uint32_t place = count;
    while (place > 0 && largest[place - 1].logit < logit) --place;
    if (place == wanted) continue;
    if (count < wanted) ++count;
    for (uint32_t i = count - 1; i > place; --i) largest[i] = largest[i - 1];
    largest[place] = {.token = static_cast<int32_t>(token), .logit = logit};
  }
  return count;
}

}  // namespace

// NaN and −∞ never are candidates, so there may be fewer than wanted.
void Ops::candidates(const Step& step, const Candidates& op, const Share& /*share*/) {
  const auto* sampling = at<const Sampling>(step.sampling);
  auto* mailboxes = at<Mailbox>(op.mailboxes);
  for (uint32_t r = 0; r < step.output_count; ++r) {
    const float* logits = at<const float>(op.logits) + uint64_t{r} * op.vocab_size;
    const uint32_t wanted = sampling != nullptr ? sampling[r].candidate_count : 0;
    mailboxes[r].log_sum_exp = log_sum_exp(logits, op.vocab_size);
    mailboxes[r].count = select_largest(logits, op.vocab_size, wanted, mailboxes[r].candidates);
    mailboxes[r].reserved = 0;
  }
}

}  // namespace chord::cpu::kernels::scalar
