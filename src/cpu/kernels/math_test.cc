#include "cpu/kernels/math.h"

#include "cpu/kernels/log_sum_exp.h"
#include "cpu/kernels/testing.h"

namespace chord::cpu::kernels {
namespace {

double relative_error(double actual, double expected) {
  return std::abs(actual - expected) / std::abs(expected);
}

TEST(Math, Exp) {
  for (const double x : arithmetic(-708, 709, 0.3717))
    EXPECT_LT(relative_error(exp(x), std::exp(x)), 4e-16) << x;
  EXPECT_EQ(exp(0.0), 1);
  EXPECT_EQ(exp(800.0), static_cast<double>(kInfinity));
  EXPECT_EQ(exp(-800.0), 0);
  EXPECT_NEAR(exp(-740.0), std::exp(-740.0), 1e-323);
  EXPECT_TRUE(std::isnan(exp(static_cast<double>(kNan))));
  EXPECT_EQ(exp(-static_cast<double>(kInfinity)), 0);
}

TEST(Math, Log) {
  for (const double x : geometric(1e-300, 1e300, 1.37))
    EXPECT_NEAR(log(x), std::log(x), 5e-16 * std::abs(std::log(x)));
  for (const double x : arithmetic(0.5, 2, 0.00117)) EXPECT_NEAR(log(x), std::log(x), 3e-16) << x;
  EXPECT_EQ(log(1.0), 0);
}

TEST(Math, Tanh) {
  for (const double x : geometric(1e-12, 40, 1.09)) {
    EXPECT_LT(relative_error(tanh(x), std::tanh(x)), 1e-12) << x;
    EXPECT_EQ(tanh(-x), -tanh(x));
  }
  EXPECT_EQ(tanh(static_cast<double>(kInfinity)), 1);
  EXPECT_TRUE(std::isnan(tanh(static_cast<double>(kNan))));
}

TEST(Math, CosAndSinOfSmallAndLargeAngles) {
  for (const double x : geometric(1e-9, 1e7, 1.0137)) {
    const CosSin turn = cos_sin(x);
    EXPECT_NEAR(turn.cos, std::cos(x), 1e-15) << x;
    EXPECT_NEAR(turn.sin, std::sin(x), 1e-15) << x;
    EXPECT_EQ(cos_sin(-x).sin, -turn.sin);
  }
  // Near multiples of pi/2 nearly all digits of the angle cancel.
  for (const double n : geometric(1, 6e6, 1.1)) {
    const double x = std::floor(n) * 1.57079632679489661923;
    EXPECT_NEAR(cos_sin(x).cos, std::cos(x), 1e-15) << x;
    EXPECT_NEAR(cos_sin(x).sin, std::sin(x), 1e-15) << x;
  }
}

TEST(LogSumExp, IsTheLogarithmOfTheSum) {
  for (const uint32_t count : {1U, 15U, 16U, 17U, 1000U, 32003U}) {
    const std::vector<float> logits = Random(count).values(count, 60);
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
    EXPECT_NEAR(log_sum_exp(logits.data(), count), std::log(sum), 1e-6);
  }
}

TEST(LogSumExp, TakesNanForNoLogit) {
  const float some[] = {1000, kNan, -kInfinity, 1000};
  EXPECT_NEAR(log_sum_exp(some, 4), 1000 + std::log(2.0), 1e-6);
  const float none[] = {kNan, -kInfinity};
  EXPECT_EQ(log_sum_exp(none, 2), -static_cast<double>(kInfinity));
  const float infinite[] = {kInfinity, 3};
  EXPECT_EQ(log_sum_exp(infinite, 2), static_cast<double>(kInfinity));
}

}  // namespace
}  // namespace chord::cpu::kernels
