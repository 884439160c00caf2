#pragma once

#include "cpu/kernels/candidate_heap.h"
#include "cpu/kernels/log_sum_exp.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

// Nearly all logits are below the worst of the candidates so far; those are passed over 32 at a time.
template <class V>
uint32_t select_largest(const float* logits, uint32_t vocab_size, uint32_t wanted, Candidate* largest) {
  if (wanted == 0) return 0;
  constexpr uint32_t kChunk = 32;
  CandidateHeap heap(largest, wanted);
  for (uint32_t begin = 0; begin < vocab_size; begin += kChunk) {
    const uint32_t end = vocab_size - begin < kChunk ? vocab_size : begin + kChunk;
    if (end - begin == kChunk) {
      typename V::I above = {};
      for (uint32_t i = begin; i < end; i += V::kLanes) above |= V::load(logits + i) > heap.threshold();
      if (!V::any(above)) continue;
    }
    for (uint32_t token = begin; token < end; ++token) {
      if (logits[token] > heap.threshold()) {
        heap.offer({.token = static_cast<int32_t>(token), .logit = logits[token]});
      }
    }
  }
  heap.sort();
  return heap.size();
}

// As scalar::Ops::candidates, to the bit.
template <class V>
void candidates(const Step& step, const Candidates& op, const Share& share) {
  const auto* sampling = at<const Sampling>(step.sampling);
  auto* mailboxes = at<Mailbox>(op.mailboxes);
  share.each(step.output_count, 1, [&](uint32_t begin, uint32_t end) {
    for (uint32_t r = begin; r < end; ++r) {
      const float* logits = at<const float>(op.logits) + uint64_t{r} * op.vocab_size;
      const uint32_t wanted = sampling != nullptr ? sampling[r].candidate_count : 0;
      mailboxes[r].log_sum_exp = log_sum_exp(logits, op.vocab_size);
      mailboxes[r].count = select_largest<V>(logits, op.vocab_size, wanted, mailboxes[r].candidates);
      mailboxes[r].reserved = 0;
    }
  });
}

}  // namespace chord::cpu::kernels::generic
