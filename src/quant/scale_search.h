// The search for the scales of a K-quant block: which scales, minimums and quanta lose least.
//
// Rounding to the nearest quantum is easy once the scales are known, and the best scales are a linear
// least-squares problem once the quanta are known. So the search alternates: from each of a fan of starting
// scales it rounds and refits every sub-block by itself; then it writes the sub-blocks' scales as the few
// bits that the format has, and alternates again between those bits, the quanta and the f16 that scales the
// block.
//
// "Least" is in the sum over i of importance[i] * (w[i] - decoded[i])^2, with the importance of sub_block.h.
#pragma once

#include <cstdint>
#include <span>

namespace chord::quant {

// decoded = d * scale * q - dmin * min
template <int kSubBlocks>
struct AffineBlock {
  uint16_t d;     // f16, never negative
  uint16_t dmin;  // f16, never negative
  uint8_t scale[kSubBlocks];
  uint8_t min[kSubBlocks];
  uint8_t q[256];
};

// q in 0..kMaxQ, scale and min in 0..kMaxScale.
template <int kSubBlocks, int kMaxQ, int kMaxScale>
AffineBlock<kSubBlocks> search_affine(std::span<const float, 256> weights);

extern template AffineBlock<16> search_affine<16, 3, 15>(std::span<const float, 256>);  // Q2_K
extern template AffineBlock<8> search_affine<8, 15, 63>(std::span<const float, 256>);   // Q4_K
extern template AffineBlock<8> search_affine<8, 31, 63>(std::span<const float, 256>);   // Q5_K

// decoded = d * scale * (q - half)
struct SymmetricBlock {
  uint16_t d;  // f16
  int8_t scale[16];
  uint8_t q[256];
};

// q in 0..2 * kHalf - 1, scale in -kHalfScale..kHalfScale - 1.
template <int kHalf, int kHalfScale>
SymmetricBlock search_symmetric(std::span<const float, 256> weights);

extern template SymmetricBlock search_symmetric<4, 32>(std::span<const float, 256>);    // Q3_K
extern template SymmetricBlock search_symmetric<32, 128>(std::span<const float, 256>);  // Q6_K

// Both searches: starting scales for a sub-block, and rounds of refinement. More gain under 0.1 % of RMSE.
inline constexpr int kStarts = 24;
inline constexpr int kMaxRefits = 4;
inline constexpr int kMaxPasses = 4;

// The f16 that scales a block's scales. Rounded up, so that value / d fits the bits of a scale even where f16
// is subnormal and coarse, and d of a block of tiny weights is not 0. `value` is finite and not negative.
uint16_t round_up_to_f16(float value);

}  // namespace chord::quant
