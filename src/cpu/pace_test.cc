#include "cpu/pace.h"

#include <gtest/gtest.h>

#include <cmath>

namespace chord::cpu {
namespace {

// Milliseconds of a slice after many, on a machine of `speed` and with a clock of coarse steps.
double settled(double speed, double clock_step) {
  Pace pace;
  double time = 0;
  const auto read = [&] { return std::floor(time / clock_step) * clock_step; };
  for (int i = 0; i < 200; ++i) {
    const double before = read();
    time += static_cast<double>(pace.slice()) / speed;
    pace.observe(pace.slice(), read() - before);
  }
  return static_cast<double>(pace.slice()) / speed;
}

TEST(Pace, SettlesNearAMillisecond) {
  for (const double speed : {2e4, 1e6, 3e7, 5e8}) EXPECT_NEAR(settled(speed, 0.001), 1, 0.05) << speed;
}

TEST(Pace, BearsClocksOfAMillisecond) {
  for (const double speed : {1e6, 3e7}) {
    EXPECT_GT(settled(speed, 1), 0.2) << speed;
    EXPECT_LT(settled(speed, 1), 4.5) << speed;
  }
}

TEST(Pace, LearnsNothingFromAShortRest) {
  Pace pace;
  const uint64_t slice = pace.slice();
  pace.observe(slice / 100, 0);
  EXPECT_EQ(pace.slice(), slice);
  pace.observe(slice, 0);
  EXPECT_EQ(pace.slice(), 2 * slice);
}

}  // namespace
}  // namespace chord::cpu
