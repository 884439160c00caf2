// Elementary functions in f64, made of additions, multiplications and bit operations only: a freestanding
// module has no libm, and results do not depend on the platform's.
#pragma once

#include <stdint.h>

namespace chord::cpu::kernels {

static inline uint64_t bits_of(double value) {
  return __builtin_bit_cast(uint64_t, value);
}

static inline double double_of(uint64_t bits) {
  return __builtin_bit_cast(double, bits);
}

// Adding it rounds a double below 2^51 to an integer, which is then in the sum's lowest bits.
inline constexpr double kRound = 0x1.8p52;

// log 2 = kLog2High + kLog2Low; the high part times an integer below 2^15 is exact.
inline constexpr double kLog2High = 0x1.62e42fefap-1;
inline constexpr double kLog2Low = 0x1.cf79abc9e3b3ap-40;

// e^x, with an error below 1 ulp; without a branch, so that loops over it can be vectorised.
static inline double exp(double x) {
  x = x < -746 ? -746 : x;  // NaN goes through
  x = x > 710 ? 710 : x;
  const double shifted = x * 0x1.71547652b82fep+0 + kRound;
  const double n = shifted - kRound;
  const double r = (x - n * kLog2High) - n * kLog2Low;

  // The Taylor series: |r| <= log(2) / 2, where r^14 / 14! is below 2^-57.
  double p = 1.0 / 6227020800;
  p = p * r + 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1;
  p = p * r + 1;

  // 2^n as a product of two, since n may lie beyond the exponents of a double.
  const uint64_t biased = bits_of(shifted) - bits_of(kRound) + 2048;
  const uint64_t half = biased >> 1;
  const uint64_t rest = biased - half;
  return p * double_of((half - 1) << 52) * double_of((rest - 1) << 52);
}

// log x of a normal x > 0, with an error below 2 ulp.
static inline double log(double x) {
  const uint64_t bits = bits_of(x);
  // x = m * 2^n with m in [sqrt(1/2), sqrt(2)): the offset makes the exponent field step at sqrt(2).
  constexpr uint64_t kRootHalf = 0x3fe6a09e667f3bcd;
  const uint64_t offset = bits - kRootHalf;
  const int64_t n = static_cast<int64_t>(offset) >> 52;
  const double m = double_of(bits - (static_cast<uint64_t>(n) << 52));

  // log m = 2 atanh s, by its series; s^2 < 0.0295.
  const double s = (m - 1) / (m + 1);
  const double z = s * s;
  double p = 0;
  for (int k = 23; k >= 3; k -= 2) p = p * z + 1.0 / k;
  const auto exponent = static_cast<double>(n);
  return exponent * kLog2High + (exponent * kLog2Low + (2 * s + 2 * s * z * p));
}

static inline double tanh(double x) {
  const double magnitude = x < 0 ? -x : x;
  if (magnitude < 1e-3) return x - x * x * x * (1.0 / 3) + x * x * x * x * x * (2.0 / 15);
  const double e = exp(-2 * magnitude);
  const double result = (1 - e) / (1 + e);
  return x < 0 ? -result : result;
}

struct CosSin {
  double cos;
  double sin;
};

// Of |x| up to 1e7, with an absolute error below 1e-15.
static inline CosSin cos_sin(double x) {
  // pi/2 in three parts; the first two have 30 bits, so that n times them is exact for n below 2^23.
  constexpr double kHalfPi0 = 0x1.921fb54p+0;
  constexpr double kHalfPi1 = 0x1.10b46118p-30;
  constexpr double kHalfPi2 = 0x1.313198a2e037p-61;
  const double shifted = x * 0x1.45f306dc9c883p-1 + kRound;
  const double n = shifted - kRound;
  const double r = ((x - n * kHalfPi0) - n * kHalfPi1) - n * kHalfPi2;
  const double z = r * r;

  // The Taylor series: |r| <= pi/4, where r^17 / 17! is below 2^-53.
  double s = 1.0 / 1307674368000;
  s = 1.0 / 6227020800 - s * z;
  s = 1.0 / 39916800 - s * z;
  s = 1.0 / 362880 - s * z;
  s = 1.0 / 5040 - s * z;
  s = 1.0 / 120 - s * z;
  s = 1.0 / 6 - s * z;
  const double sin = r - r * z * s;

  double c = 1.0 / 20922789888000;
  c = 1.0 / 87178291200 - c * z;
  c = 1.0 / 479001600 - c * z;
  c = 1.0 / 3628800 - c * z;
  c = 1.0 / 40320 - c * z;
  c = 1.0 / 720 - c * z;
  c = 1.0 / 24 - c * z;
  c = 0.5 - c * z;
  const double cos = 1 - z * c;

  switch (bits_of(shifted) & 3) {
    case 0:
      return {.cos = cos, .sin = sin};
    case 1:
      return {.cos = -sin, .sin = cos};
    case 2:
      return {.cos = -cos, .sin = -sin};
    default:
      return {.cos = sin, .sin = -cos};
  }
}

}  // namespace chord::cpu::kernels
