#pragma once

#include <algorithm>
#include <cstdint>

namespace chord::cpu {

// How much work takes about a millisecond on this machine, learnt from the clock between slices. Browsers'
// clocks count in steps of up to a millisecond, so one reading alone is not believed.
class Pace {
 public:
  // Multiply-adds for the next slice.
  uint64_t slice() const { return slice_; }
  // How many a single op may have that is not cut: a cut costs some microseconds.
  uint64_t longest() const { return 4 * slice_; }

  void observe(uint64_t work, double milliseconds) {
    if (milliseconds < kTargetMilliseconds / 2) {
      // Too fast to measure; but a slice that ended early says nothing about larger ones.
      if (work >= slice_ / 2) slice_ = std::min(slice_ * 2, kMost);
      return;
    }
    const double measured = static_cast<double>(work) / milliseconds * kTargetMilliseconds;
    const auto limited =
        std::clamp(measured, static_cast<double>(slice_) / 4, static_cast<double>(slice_) * 2);
    slice_ = std::clamp(static_cast<uint64_t>(limited), kLeast, kMost);
  }

 private:
  static constexpr double kTargetMilliseconds = 1;
  static constexpr uint64_t kLeast = 10'000;
  static constexpr uint64_t kMost = 1'000'000'000;

  uint64_t slice_ = 1'000'000;  // a slow phone, one thread
};

}  // namespace chord::cpu
