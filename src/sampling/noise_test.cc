#include "sampling/noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <set>

namespace chord::sampling {
namespace {

using Words = std::array<uint32_t, 4>;

// The known answers that the authors publish with their Random123 library.
TEST(Noise, PhiloxGivesTheKnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Noise, EveryArgumentMatters) {
  std::set<uint64_t> seen;
  for (const uint64_t seed : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 32}) {
    for (const uint64_t position : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 32}) {
      for (const int32_t token : {0, 1, 1 << 30}) seen.insert(noise_bits(seed, position, token));
    }
  }
  EXPECT_EQ(seen.size(), 27u);
}

TEST(Noise, GumbelIsFiniteAtBothEnds) {
  EXPECT_NEAR(gumbel(0), -std::log(53 * std::log(2.0)), 1e-12);
  EXPECT_NEAR(gumbel(UINT64_MAX), 53 * std::log(2.0), 1e-12);
}

TEST(Noise, GumbelHasTheMeanAndVarianceOfItsDistribution) {
  double sum = 0;
  double squares = 0;
  constexpr int kCount = 200'000;
  for (int i = 0; i < kCount; ++i) {
    const double g = gumbel(noise_bits(7, 11, i));
    sum += g;
    squares += g * g;
  }
  const double mean = sum / kCount;
  EXPECT_NEAR(mean, 0.5772156649, 0.01);  // Euler's constant
  EXPECT_NEAR(squares / kCount - mean * mean, M_PI * M_PI / 6, 0.03);
}

TEST(Noise, TheBoundHolds) {
  std::mt19937_64 generator(1);
  for (int i = 0; i < 200'000; ++i) {
    // Leading ones are what the bound looks at.
    const uint64_t bits = generator() | ~(UINT64_MAX >> (i % 64));
    EXPECT_LE(gumbel(bits), gumbel_bound(bits));
  }
  EXPECT_LE(gumbel(UINT64_MAX), gumbel_bound(UINT64_MAX));
  EXPECT_LT(gumbel_bound(0), 1);
}

}  // namespace
}  // namespace chord::sampling
