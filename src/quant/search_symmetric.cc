#include <algorithm>
#include <cmath>
#include <limits>

#include "quant/half.h"
#include "quant/scale_search.h"
#include "quant/sub_block.h"

namespace chord::quant {
namespace {

// Signed quanta: q - half of the format.
template <int kHalf>
F32x4 quanta(F32x4 w, float inverse_scale) {
  return clamp_lanes(round_lanes(w * inverse_scale), -kHalf, kHalf - 1);
}

template <int kHalf>
float error_of(const SubBlock<16>& block, float scale) {
  const float inverse = reciprocal(scale);
  F32x4 error = 0;
  for (int j = 0; j < 4; ++j) {
    const F32x4 miss = block.w[j] - scale * quanta<kHalf>(block.w[j], inverse);
    error += block.importance[j] * miss * miss;
  }
  return sum_lanes(error);
}

// Sums weighted by importance, with the quanta that `scale` rounds to: wq / qq is the best scale for them,
// and it takes wq^2 / qq off the error.
struct SymmetricSums {
  float qq;
  float wq;
};

template <int kHalf>
SymmetricSums quantum_sums(const SubBlock<16>& block, float scale) {
  const float inverse = reciprocal(scale);
  F32x4 sum_qq = 0;
  F32x4 sum_wq = 0;
  for (int j = 0; j < 4; ++j) {
    const F32x4 q = quanta<kHalf>(block.w[j], inverse);
    sum_qq += block.importance[j] * q * q;
    sum_wq += block.importance[j] * q * block.w[j];
  }
  return {.qq = sum_lanes(sum_qq), .wq = sum_lanes(sum_wq)};
}

// The best scale for a sub-block alone.
template <int kHalf>
float fit(const SubBlock<16>& block) {
  float farthest = 0;
  for (const F32x4 w : block.w)
    farthest = std::max(farthest, __builtin_reduce_max(__builtin_elementwise_abs(w)));

  float best = 0;
  float most = 0;
  const auto refit = [&](float from) {
    const SymmetricSums q = quantum_sums<kHalf>(block, from);
    if (!(q.wq * q.wq > most * q.qq)) return false;
    best = q.wq / q.qq;
    most = q.wq * best;
    return true;
  };
  // Fewer levels than there are leave the last ones empty, more cut off the largest weights: either way
  // another alignment of the grid with the weights. Both signs, for there is a level more on one side.
  constexpr int kFewest = kHalf - (kHalf / 8 + 1);
  constexpr float kStep = static_cast<float>(kHalf + 1 - kFewest) / kStarts;
  for (int i = 0; i <= kStarts; ++i) {
    const float scale = farthest / (kFewest + kStep * static_cast<float>(i));
    refit(scale);
    refit(-scale);
  }
  for (int i = 0; i < kMaxRefits && refit(best); ++i) {
  }
  return best;
}

template <int kHalfScale>
SymmetricBlock write_scales(const float (&scales)[16]) {
  SymmetricBlock block = {};
  const float farthest = *std::ranges::max_element(scales, {}, [](float scale) { return std::abs(scale); });
  // The farthest becomes -kHalfScale, the one that has no counterpart of the other sign.
  block.d = round_up_to_f16(std::abs(farthest) / kHalfScale);
  if (farthest > 0) block.d |= 0x8000;
  const float inverse = reciprocal(f16_to_f32(block.d));
  for (int b = 0; b < 16; ++b) {
    block.scale[b] = static_cast<int8_t>(std::min(std::nearbyint(scales[b] * inverse), kHalfScale - 1.0f));
  }
  return block;
}

// Moves every scale by at most one to where the sub-block loses least. Returns the block's error.
template <int kHalf, int kHalfScale>
float improve_scales(const SubBlock<16> (&sub_blocks)[16], SymmetricBlock& block) {
  const float d = f16_to_f32(block.d);
  float total = 0;
  for (int b = 0; b < 16; ++b) {
    const int8_t scale = block.scale[b];
    float least = std::numeric_limits<float>::max();
    for (int s = std::max(scale - 1, -kHalfScale); s <= std::min(scale + 1, kHalfScale - 1); ++s) {
      const float error = error_of<kHalf>(sub_blocks[b], d * static_cast<float>(s));
      if (!(error < least)) continue;
      least = error;
      block.scale[b] = static_cast<int8_t>(s);
    }
    total += least;
  }
  return total;
}

// Refits d to the quanta. Returns false, changing nothing, where they do not determine it.
template <int kHalf>
bool improve_d(const SubBlock<16> (&sub_blocks)[16], SymmetricBlock& block) {
  const float d = f16_to_f32(block.d);
  SymmetricSums total = {};
  for (int b = 0; b < 16; ++b) {
    const float scale = block.scale[b];
    const SymmetricSums q = quantum_sums<kHalf>(sub_blocks[b], d * scale);
    total.qq += scale * scale * q.qq;
    total.wq += scale * q.wq;
  }
  if (!(total.qq > 0)) return false;
  block.d = f32_to_f16(total.wq / total.qq);
  return true;
}

}  // namespace

uint16_t round_up_to_f16(float value) {
  const uint16_t nearest = f32_to_f16(value);
  return f16_to_f32(nearest) < value ? static_cast<uint16_t>(nearest + 1) : nearest;
}

template <int kHalf, int kHalfScale>
SymmetricBlock search_symmetric(std::span<const float, 256> weights) {
  SubBlock<16> sub_blocks[16];
  split(weights, sub_blocks);
  float scales[16];
  for (int b = 0; b < 16; ++b) scales[b] = fit<kHalf>(sub_blocks[b]);

  SymmetricBlock candidate = write_scales<kHalfScale>(scales);
  SymmetricBlock best = candidate;
  float least = std::numeric_limits<float>::max();
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    const float error = improve_scales<kHalf, kHalfScale>(sub_blocks, candidate);
    if (!(error < least)) break;
    least = error;
    best = candidate;
    if (!improve_d<kHalf>(sub_blocks, candidate)) break;
  }

  for (int i = 0; i < 256; i += 4) {
    const int b = i / 16;
    const float scale = f16_to_f32(best.d) * static_cast<float>(best.scale[b]);
    const F32x4 q = quanta<kHalf>(sub_blocks[b].w[i % 16 / 4], reciprocal(scale)) + static_cast<float>(kHalf);
    for (int lane = 0; lane < 4; ++lane) best.q[i + lane] = static_cast<uint8_t>(q[lane]);
  }
  return best;
}

template SymmetricBlock search_symmetric<4, 32>(std::span<const float, 256>);
template SymmetricBlock search_symmetric<32, 128>(std::span<const float, 256>);

}  // namespace chord::quant
