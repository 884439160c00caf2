// What both searches of scale_search.h work on: four weights at a time, in vectors that clang has for every
// target. The operations and their order are the same on every machine, hence so are the bytes of a file.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>

namespace chord::quant {

using F32x4 = float __attribute__((ext_vector_type(4)));

// To the nearest integer, ties to even. Above 2^22 it is less exact, but that is far beyond any quantum:
// adding 1.5 * 2^23 leaves no bits for a fraction.
inline F32x4 round_lanes(F32x4 value) {
  constexpr float kNoFraction = 12582912.0f;
  return value + kNoFraction - kNoFraction;
}

inline F32x4 clamp_lanes(F32x4 value, float low, float high) {
  return __builtin_elementwise_min(__builtin_elementwise_max(value, F32x4(low)), F32x4(high));
}

inline float sum_lanes(F32x4 value) {
  return (value.x + value.y) + (value.z + value.w);
}

// 1 / scale, or 0 if that is infinite: every quantum is then 0, and so is what it decodes to.
inline float reciprocal(float scale) {
  const float inverse = 1.0f / scale;
  return std::abs(inverse) <= std::numeric_limits<float>::max() ? inverse : 0.0f;
}

// The weights that share one scale, and how much an error in each of them matters.
template <int kLength>
struct SubBlock {
  F32x4 w[kLength / 4];
  F32x4 importance[kLength / 4];
};

// Importance is sqrt(mean of w^2 + w[i]^2): level for small weights, in proportion for large ones, which tend
// to meet large activations.
template <int kSubBlocks>
void split(std::span<const float, 256> weights, SubBlock<256 / kSubBlocks> (&out)[kSubBlocks]) {
  constexpr int kLength = 256 / kSubBlocks;
  F32x4 squares = 0;
  for (int b = 0; b < kSubBlocks; ++b) {
    std::memcpy(out[b].w, weights.data() + ptrdiff_t{b} * kLength, sizeof out[b].w);
    for (const F32x4 w : out[b].w) squares += w * w;
  }
  const float mean_square = sum_lanes(squares) / 256;
  for (SubBlock<kLength>& block : out) {
    for (int j = 0; j < kLength / 4; ++j) {
      block.importance[j] = __builtin_elementwise_sqrt(block.w[j] * block.w[j] + mean_square);
    }
  }
}

}  // namespace chord::quant
