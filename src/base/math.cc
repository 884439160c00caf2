#include "base/math.h"

#include <bit>
#include <cstdint>
#include <limits>

namespace chord::math {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// ln 2 in two parts; the first has 42 bits, so that its product with an exponent is exact.
constexpr double kLn2High = 0x1.62e42fefa3800p-1;
constexpr double kLn2Low = 0x1.ef35793c76730p-45;
constexpr double kLog2E = 0x1.71547652b82fep+0;

// An unevaluated sum: |low| is at most half an ulp of high. About 106 bits, which pow needs: an error in
// log(base) comes back multiplied by up to 1075.
struct Double2 {
  double high;
  double low;
};

// a + b exactly (Knuth, The Art of Computer Programming, volume 2, 4.2.2).
Double2 add_exact(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

// The upper 26 bits of a and the rest (T. J. Dekker, A floating-point technique for extending the available
// precision, 1971).
Double2 split(double a) {
  const double scaled = a * 134217729.0;  // 2^27 + 1
  const double high = scaled - (scaled - a);
  return {high, a - high};
}

// a · b exactly (Dekker). Not a fused multiply-add: wasm has none.
Double2 multiply_exact(double a, double b) {
  const double product = a * b;
  const auto [a1, a2] = split(a);
  const auto [b1, b2] = split(b);
  return {product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2};
}

// Horner's scheme; the constant term comes first.
template <int N>
double polynomial(const double (&coefficients)[N], double x) {
  double sum = coefficients[N - 1];
  for (int i = N - 2; i >= 0; --i) sum = sum * x + coefficients[i];
  return sum;
}

// 2^k for a normal result
double power_of_two(int64_t k) {
  return std::bit_cast<double>(static_cast<uint64_t>(k + 1023) << 52);
}

// log(x) of a finite x > 0. With x = 2^k·m, m in [√½, √2], and s = (m−1)/(m+1):
// log m = 2s + 2/3·s³ + 2/5·s⁵ + …, the first two terms in double the precision.
Double2 log_parts(double x) {
  int64_t k = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    k = -54;
  }
  auto bits = std::bit_cast<uint64_t>(x);
  constexpr uint64_t kSqrtHalfBits = 0x3fe6a09e667f3bcd;
  bits += 0x3ff0000000000000 - kSqrtHalfBits;
  k += static_cast<int64_t>(bits >> 52) - 1023;
  const double m = std::bit_cast<double>((bits & 0x000fffffffffffff) + kSqrtHalfBits);

  const double numerator = m - 1;
  const Double2 denominator = add_exact(m, 1);
  const double s = numerator / denominator.high;
  const Double2 back = multiply_exact(s, denominator.high);
  const double s_low = (((numerator - back.high) - back.low) - s * denominator.low) / denominator.high;

  constexpr double kTwoThirdsHigh = 0x1.5555555555555p-1;
  constexpr double kTwoThirdsLow = 0x1.5555555555555p-55;
  constexpr double kTail[] = {2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13, 2.0 / 15,
                              2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23, 2.0 / 25};
  const Double2 z = multiply_exact(s, s);  // at most 0.0295
  const double z_low = z.low + 2 * s * s_low;
  const Double2 cubic = multiply_exact(z.high, kTwoThirdsHigh);
  const double cubic_low = cubic.low + (z.high * kTwoThirdsLow + z_low * kTwoThirdsHigh);
  const Double2 inner = add_exact(cubic.high, z.high * z.high * polynomial(kTail, z.high));
  const Double2 factor = add_exact(2, inner.high);
  const double factor_low = factor.low + (inner.low + cubic_low);
  const Double2 log_m = multiply_exact(s, factor.high);
  const double log_m_low = log_m.low + (s * factor_low + s_low * factor.high);

  const auto exponent = static_cast<double>(k);
  const Double2 sum = add_exact(exponent * kLn2High, log_m.high);
  return add_exact(sum.high, sum.low + (exponent * kLn2Low + log_m_low));
}

// e^(x.high + x.low). With x = k·ln 2 + r: 2^k · (1 + r + r²/2! + …).
double exp_parts(Double2 x) {
  if (x.high > 710) return kInfinity;
  if (x.high < -746) return 0;
  const double quotient = x.high * kLog2E;
  const auto k = static_cast<int64_t>(quotient < 0 ? quotient - 0.5 : quotient + 0.5);
  const auto exponent = static_cast<double>(k);
  const Double2 r = add_exact(x.high - exponent * kLn2High, x.low - exponent * kLn2Low);

  constexpr double kTail[] = {1.0 / 2,       1.0 / 6,        1.0 / 24,        1.0 / 120,
                              1.0 / 720,     1.0 / 5040,     1.0 / 40320,     1.0 / 362880,
                              1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
  const Double2 sum = add_exact(1, r.high);
  const double power =
      sum.high + (sum.low + (r.low * sum.high + r.high * r.high * polynomial(kTail, r.high)));
  // In two factors: 2^k alone overflows for k = 1024 and is subnormal for k < −1022.
  return power * power_of_two(k / 2) * power_of_two(k - k / 2);
}

enum class Parity : uint8_t { fraction, even, odd };

Parity parity(double x) {
  const double magnitude = x < 0 ? -x : x;
  if (magnitude >= 0x1p53) return Parity::even;
  const auto whole = static_cast<int64_t>(magnitude);
  if (static_cast<double>(whole) != magnitude) return Parity::fraction;
  return whole % 2 == 0 ? Parity::even : Parity::odd;
}

// base^exponent of a finite base > 0
double pow_positive(double base, double exponent) {
  const Double2 l = log_parts(base);
  if (l.high == 0) return 1;
  // No logarithm but 0 is below 2^-53 in magnitude: past this bound the result is 0 or ∞ in any case, and
  // splitting the product could overflow.
  constexpr double kBound = 0x1p65;
  if (exponent > kBound) exponent = kBound;
  if (exponent < -kBound) exponent = -kBound;
  const Double2 product = multiply_exact(exponent, l.high);
  return exp_parts({product.high, product.low + exponent * l.low});
}

}  // namespace

double exp(double x) {
  if (x != x) return x;
  return exp_parts({x, 0});
}

double log(double x) {
  if (x != x || x == kInfinity) return x;
  if (x == 0) return -kInfinity;
  if (x < 0) return kNan;
  return log_parts(x).high;
}

double pow(double base, double exponent) {
  if (exponent == 0 || base == 1) return 1;
  if (base != base || exponent != exponent) return kNan;
  const bool base_negative = std::bit_cast<uint64_t>(base) >> 63 != 0;
  const double magnitude = base_negative ? -base : base;
  if (exponent == kInfinity || exponent == -kInfinity) {
    if (magnitude == 1) return 1;
    return (magnitude > 1) == (exponent > 0) ? kInfinity : 0;
  }
  const Parity kind = parity(exponent);
  const double sign = base_negative && kind == Parity::odd ? -1 : 1;
  if (magnitude == 0 || magnitude == kInfinity) {
    return (magnitude == 0) == (exponent > 0) ? sign * 0 : sign * kInfinity;
  }
  if (base_negative && kind == Parity::fraction) return kNan;
  return sign * pow_positive(magnitude, exponent);
}

}  // namespace chord::math
