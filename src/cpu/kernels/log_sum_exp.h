#pragma once

#include <stdint.h>

#include "cpu/kernels/half.h"
#include "cpu/kernels/math.h"

namespace chord::cpu::kernels {

// e^x for x <= 0, with an error below 2e-7 of it; what is below e^-87, or NaN, counts as that.
static inline float exp_of_negative(float x) {
  x = x > -87 ? x : -87;
  // As generic/exp.h does it.
  const float shifted = x * 0x1.715476p+0f + 0x1.8p23f;
  const float n = shifted - 0x1.8p23f;
  const float r = (x - n * 0x1.62ep-1f) - n * 0x1.0bfbe8p-15f;
  float p = r * 0.0013926213f + 0.008363203f;
  p = p * r + 0.041666554f;
  p = p * r + 0.16666577f;
  p = p * r + 0.5f;
  p = p * r * r + r;
  return (p + 1) * float_of((bits_of(shifted) - 0x4b400000u + 127) << 23);
}

// log Σ exp(logits[i]), with an error below 1e-6; NaN counts as −∞, and without any other logit that is the
// result.
//
// Samplers decide by it, and the same logits must give the same token in every variant. So there is this one
// source, whose sixteen partial sums are what each compiler may vectorise without changing a bit.
static inline double log_sum_exp(const float* logits, uint32_t count) {
  constexpr uint32_t kLanes = 16;
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

  // Short sums stay in f32, where rounding does little harm.
  constexpr uint32_t kBlock = 16 * kLanes;
  double sum = 0;
  for (uint32_t begin = 0; begin < whole; begin += kBlock) {
    const uint32_t end = whole - begin < kBlock ? whole : begin + kBlock;
    float sums[kLanes] = {};
    for (uint32_t i = begin; i < end; i += kLanes) {
      for (uint32_t lane = 0; lane < kLanes; ++lane) sums[lane] += exp_of_negative(logits[i + lane] - max);
    }
    for (const float lane : sums) sum += static_cast<double>(lane);
  }
  for (uint32_t i = whole; i < count; ++i) sum += static_cast<double>(exp_of_negative(logits[i] - max));
  return static_cast<double>(max) + log(sum);
}

}  // namespace chord::cpu::kernels
