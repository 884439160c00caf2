#pragma once

#include <stdint.h>

#include "cpu/kernels/math.h"

namespace chord::cpu::kernels {

// log Σ exp(logits[i]); NaN counts as −∞, and without any other logit that is the result.
//
// Samplers decide by it, and the same logits must give the same token in every variant. So there is this one
// source, whose eight partial sums are what each compiler may vectorise without changing a bit.
static inline double log_sum_exp(const float* logits, uint32_t count) {
  constexpr uint32_t kLanes = 8;
  constexpr float kNone = -__builtin_inff();
  const uint32_t whole = count - count % kLanes;

  float largest[kLanes];
  for (float& lane : largest) lane = kNone;
  for (uint32_t i = 0; i < whole; i += kLanes) {
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      largest[lane] = logits[i + lane] > largest[lane] ? logits[i + lane] : largest[lane];
    }
  }
  for (uint32_t i = whole; i < count; ++i) largest[0] = logits[i] > largest[0] ? logits[i] : largest[0];
  float max = kNone;
  for (const float lane : largest) max = lane > max ? lane : max;
  if (max == kNone || max == -kNone) return static_cast<double>(max);

  double sums[kLanes] = {};
  for (uint32_t i = 0; i < whole; i += kLanes) {
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      const float logit = logits[i + lane] == logits[i + lane] ? logits[i + lane] : kNone;
      sums[lane] += exp(static_cast<double>(logit) - static_cast<double>(max));
    }
  }
  for (uint32_t i = whole; i < count; ++i) {
    const float logit = logits[i] == logits[i] ? logits[i] : kNone;
    sums[i - whole] += exp(static_cast<double>(logit) - static_cast<double>(max));
  }
  double sum = 0;
  for (const double lane : sums) sum += lane;
  return static_cast<double>(max) + log(sum);
}

}  // namespace chord::cpu::kernels
