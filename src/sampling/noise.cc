#include "sampling/noise.h"

#include <bit>

#include "base/math.h"

namespace chord::sampling {

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  constexpr uint64_t kMultiplier0 = 0xD2511F53;
  constexpr uint64_t kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9;
  constexpr uint32_t kWeyl1 = 0xBB67AE85;
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t product0 = kMultiplier0 * counter[0];
    const uint64_t product1 = kMultiplier1 * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

uint64_t noise_bits(uint64_t seed, uint64_t position, int32_t token) {
  const auto random = philox({static_cast<uint32_t>(token), static_cast<uint32_t>(position),
                              static_cast<uint32_t>(position >> 32), 0},
                             {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  return static_cast<uint64_t>(random[1]) << 32 | random[0];
}

double gumbel(uint64_t bits) {
  // 52 bits, so that adding a half is exact, and neither 0 nor 1 comes out.
  const double u = (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
  return -math::log(-math::log(u));
}

double gumbel_bound(uint64_t bits) {
  // −log u ≥ 1 − u, so −log(−log u) ≤ −log(1 − u); and if u begins with n ones, 1 − u is above 2^-(n+1).
  // 0.7 is log 2 and room for rounding.
  const int ones = std::countl_one(bits & ~uint64_t{0xFFF});
  return 0.7 * (ones + 1);
}

}  // namespace chord::sampling
