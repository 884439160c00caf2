#include "cpu/kernels/generic/exp.h"

#include "cpu/kernels/testing.h"

namespace chord::cpu::kernels {
namespace {

// The primitives that exp and tanh need, on any processor.
struct FourLanes {
  using F = float __attribute__((vector_size(16)));
  using I = int32_t __attribute__((vector_size(16)));
  static F splat(float x) { return F{x, x, x, x}; }
  static F min(F a, F b) { return a < b ? a : b; }
  static F max(F a, F b) { return a > b ? a : b; }
};

float vector_exp(float x) {
  return generic::exp<FourLanes>(FourLanes::splat(x))[0];
}

float vector_tanh(float x) {
  return generic::tanh<FourLanes>(FourLanes::splat(x))[0];
}

// The distance in units of the last place of the exact value.
double ulps(float actual, double exact) {
  int exponent = 0;
  std::frexp(exact, &exponent);
  return std::abs(static_cast<double>(actual) - exact) / std::ldexp(1.0, std::max(exponent - 24, -149));
}

TEST(VectorExp, IsWithinTwoUlp) {
  for (const double x : arithmetic(-104, 88.7, 0.00173)) {
    const auto rounded = static_cast<float>(x);
    EXPECT_LE(ulps(vector_exp(rounded), std::exp(static_cast<double>(rounded))), 2) << x;
  }
}

TEST(VectorExp, EndsAtZeroAndInfinity) {
  EXPECT_EQ(vector_exp(0), 1);
  EXPECT_EQ(vector_exp(88.8F), kInfinity);
  EXPECT_EQ(vector_exp(1e30F), kInfinity);
  EXPECT_EQ(vector_exp(kInfinity), kInfinity);
  EXPECT_EQ(vector_exp(-105), 0);
  EXPECT_EQ(vector_exp(-kInfinity), 0);
  EXPECT_TRUE(std::isnan(vector_exp(kNan)));
}

TEST(VectorTanh, IsWithinFourUlp) {
  for (const double x : geometric(1e-20, 40, 1.003)) {
    const auto rounded = static_cast<float>(x);
    EXPECT_LE(ulps(vector_tanh(rounded), std::tanh(static_cast<double>(rounded))), 4) << x;
    EXPECT_EQ(vector_tanh(-rounded), -vector_tanh(rounded));
  }
  EXPECT_EQ(vector_tanh(kInfinity), 1);
  EXPECT_TRUE(std::isnan(vector_tanh(kNan)));
}

}  // namespace
}  // namespace chord::cpu::kernels
