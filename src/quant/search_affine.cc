#include <algorithm>
#include <cmath>
#include <limits>

#include "quant/half.h"
#include "quant/scale_search.h"
#include "quant/sub_block.h"

namespace chord::quant {
namespace {

// w ~ scale * q - min, neither negative.
struct Line {
  float scale;
  float min;
};

// Sums over a sub-block, weighted by importance, for the normal equations of a Line through (q, w).
struct WeightSums {
  float one;
  float w;
  float ww;
};
struct AffineSums {
  float q;
  float qq;
  float wq;
};

template <int kMaxQ>
F32x4 quanta(F32x4 w, Line line, float inverse_scale) {
  return clamp_lanes(round_lanes((w + line.min) * inverse_scale), 0, kMaxQ);
}

template <int kMaxQ, int kLength>
float error_of(const SubBlock<kLength>& block, Line line) {
  const float inverse = reciprocal(line.scale);
  F32x4 error = 0;
  for (int j = 0; j < kLength / 4; ++j) {
    const F32x4 miss = block.w[j] + line.min - line.scale * quanta<kMaxQ>(block.w[j], line, inverse);
    error += block.importance[j] * miss * miss;
  }
  return sum_lanes(error);
}

template <int kLength>
WeightSums weight_sums(const SubBlock<kLength>& block) {
  F32x4 one = 0;
  F32x4 w = 0;
  F32x4 ww = 0;
  for (int j = 0; j < kLength / 4; ++j) {
    one += block.importance[j];
    w += block.importance[j] * block.w[j];
    ww += block.importance[j] * block.w[j] * block.w[j];
  }
  return {.one = sum_lanes(one), .w = sum_lanes(w), .ww = sum_lanes(ww)};
}

// With the quanta that `line` rounds to.
template <int kMaxQ, int kLength>
AffineSums quantum_sums(const SubBlock<kLength>& block, Line line) {
  const float inverse = reciprocal(line.scale);
  F32x4 sum_q = 0;
  F32x4 sum_qq = 0;
  F32x4 sum_wq = 0;
  for (int j = 0; j < kLength / 4; ++j) {
    const F32x4 q = quanta<kMaxQ>(block.w[j], line, inverse);
    const F32x4 weighted = block.importance[j] * q;
    sum_q += weighted;
    sum_qq += weighted * q;
    sum_wq += weighted * block.w[j];
  }
  return {.q = sum_lanes(sum_q), .qq = sum_lanes(sum_qq), .wq = sum_lanes(sum_wq)};
}

// The line that loses least for given quanta; its scale is NaN or not positive where the quanta determine
// none.
Line solve(const WeightSums& w, const AffineSums& q) {
  const float determinant = w.one * q.qq - q.q * q.q;
  const Line line = {.scale = (w.one * q.wq - w.w * q.q) / determinant,
                     .min = (q.q * q.wq - q.qq * w.w) / determinant};
  if (line.min < 0) return {.scale = q.wq / q.qq, .min = 0};
  return line;
}

// The best line for a sub-block alone.
template <int kMaxQ, int kLength>
Line fit(const SubBlock<kLength>& block) {
  float low = 0;
  float high = -std::numeric_limits<float>::max();
  for (const F32x4 w : block.w) {
    low = std::min(low, __builtin_reduce_min(w));
    high = std::max(high, __builtin_reduce_max(w));
  }
  const float range = high - low;
  Line best = {.scale = range / kMaxQ, .min = -low};
  if (range <= 0) return best;
  float least = error_of<kMaxQ>(block, best);

  const WeightSums sums = weight_sums(block);
  const auto refit = [&](Line from) {
    const AffineSums q = quantum_sums<kMaxQ>(block, from);
    const Line line = solve(sums, q);
    if (!(line.scale > 0)) return false;
    // The sum of importance * (w + min - scale * q)^2, multiplied out.
    const float error = sums.ww + line.scale * (line.scale * q.qq - 2 * (q.wq + line.min * q.q)) +
                        line.min * (2 * sums.w + line.min * sums.one);
    if (!(error < least)) return false;
    best = line;
    least = error;
    return true;
  };
  // Fewer levels than there are leave the last ones empty, more cut off the largest weights: either way
  // another alignment of the grid with the weights.
  constexpr int kFewest = kMaxQ - (kMaxQ / 8 + 1);
  constexpr float kStep = static_cast<float>(kMaxQ + 1 - kFewest) / kStarts;
  for (int i = 0; i <= kStarts; ++i) {
    refit({.scale = range / (kFewest + kStep * static_cast<float>(i)), .min = -low});
  }
  for (int i = 0; i < kMaxRefits && refit(best); ++i) {
  }
  return best;
}

template <int kSubBlocks>
Line line_of(const AffineBlock<kSubBlocks>& block, int scale, int min) {
  return {.scale = f16_to_f32(block.d) * static_cast<float>(scale),
          .min = f16_to_f32(block.dmin) * static_cast<float>(min)};
}

template <int kMaxScale>
uint8_t to_bits(float value) {
  return static_cast<uint8_t>(std::min(std::nearbyint(value), static_cast<float>(kMaxScale)));
}

template <int kMaxScale, int kSubBlocks>
AffineBlock<kSubBlocks> write_scales(const Line (&lines)[kSubBlocks]) {
  AffineBlock<kSubBlocks> block = {};
  block.d = round_up_to_f16(std::ranges::max(lines, {}, &Line::scale).scale / kMaxScale);
  block.dmin = round_up_to_f16(std::ranges::max(lines, {}, &Line::min).min / kMaxScale);
  const float inverse_d = reciprocal(f16_to_f32(block.d));
  const float inverse_dmin = reciprocal(f16_to_f32(block.dmin));
  for (int b = 0; b < kSubBlocks; ++b) {
    block.scale[b] = to_bits<kMaxScale>(lines[b].scale * inverse_d);
    block.min[b] = to_bits<kMaxScale>(lines[b].min * inverse_dmin);
  }
  return block;
}

// Moves every scale and minimum by at most one to where the sub-block loses least. Returns the block's error.
template <int kMaxQ, int kMaxScale, int kSubBlocks>
float improve_scales(const SubBlock<256 / kSubBlocks> (&sub_blocks)[kSubBlocks],
                     AffineBlock<kSubBlocks>& block) {
  float total = 0;
  for (int b = 0; b < kSubBlocks; ++b) {
    const int scale = block.scale[b];
    const int min = block.min[b];
    float least = std::numeric_limits<float>::max();
    for (int s = std::max(scale - 1, 0); s <= std::min(scale + 1, kMaxScale); ++s) {
      for (int m = std::max(min - 1, 0); m <= std::min(min + 1, kMaxScale); ++m) {
        const float error = error_of<kMaxQ>(sub_blocks[b], line_of(block, s, m));
        if (!(error < least)) continue;
        least = error;
        block.scale[b] = static_cast<uint8_t>(s);
        block.min[b] = static_cast<uint8_t>(m);
      }
    }
    total += least;
  }
  return total;
}

// Refits d and dmin to the quanta: the same problem as a sub-block's line, with scale * q for q and the
// sub-block's min for 1. Returns false, changing nothing, where the quanta do not determine them.
template <int kMaxQ, int kSubBlocks>
bool improve_d(const SubBlock<256 / kSubBlocks> (&sub_blocks)[kSubBlocks], AffineBlock<kSubBlocks>& block) {
  WeightSums w = {};
  AffineSums q = {};
  for (int b = 0; b < kSubBlocks; ++b) {
    const float scale = block.scale[b];
    const float min = block.min[b];
    const WeightSums ws = weight_sums(sub_blocks[b]);
    const AffineSums qs = quantum_sums<kMaxQ>(sub_blocks[b], line_of(block, block.scale[b], block.min[b]));
    w.one += min * min * ws.one;
    w.w += min * ws.w;
    q.q += scale * min * qs.q;
    q.qq += scale * scale * qs.qq;
    q.wq += scale * qs.wq;
  }
  const Line line = w.one > 0 ? solve(w, q) : Line{.scale = q.wq / q.qq, .min = 0};
  if (!(line.scale > 0)) return false;
  block.d = f32_to_f16(line.scale);
  block.dmin = f32_to_f16(line.min);
  return true;
}

}  // namespace

template <int kSubBlocks, int kMaxQ, int kMaxScale>
AffineBlock<kSubBlocks> search_affine(std::span<const float, 256> weights) {
  SubBlock<256 / kSubBlocks> sub_blocks[kSubBlocks];
  split(weights, sub_blocks);
  Line lines[kSubBlocks];
  for (int b = 0; b < kSubBlocks; ++b) lines[b] = fit<kMaxQ>(sub_blocks[b]);

  AffineBlock<kSubBlocks> candidate = write_scales<kMaxScale>(lines);
  AffineBlock<kSubBlocks> best = candidate;
  float least = std::numeric_limits<float>::max();
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    const float error = improve_scales<kMaxQ, kMaxScale>(sub_blocks, candidate);
    if (!(error < least)) break;
    least = error;
    best = candidate;
    if (!improve_d<kMaxQ>(sub_blocks, candidate)) break;
  }

  constexpr int kLength = 256 / kSubBlocks;
  for (int i = 0; i < 256; i += 4) {
    const int b = i / kLength;
    const Line line = line_of(best, best.scale[b], best.min[b]);
    const F32x4 q = quanta<kMaxQ>(sub_blocks[b].w[i % kLength / 4], line, reciprocal(line.scale));
    for (int lane = 0; lane < 4; ++lane) best.q[i + lane] = static_cast<uint8_t>(q[lane]);
  }
  return best;
}

template AffineBlock<16> search_affine<16, 3, 15>(std::span<const float, 256>);
template AffineBlock<8> search_affine<8, 15, 63>(std::span<const float, 256>);
template AffineBlock<8> search_affine<8, 31, 63>(std::span<const float, 256>);

}  // namespace chord::quant
