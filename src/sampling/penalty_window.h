// Which tokens the penalties apply to.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/device.h"

namespace chord::sampling {

// How often each token occurs among the last `length` ones of a text.
class PenaltyWindow {
 public:
  explicit PenaltyWindow(uint32_t length) : length_(length) {}

  void push(int32_t token);
  void push(std::span<const int32_t> tokens);

  uint32_t length() const { return length_; }
  // The oldest first.
  std::span<const int32_t> tokens() const { return window_; }
  // Each token of the window once, by ascending id.
  const std::vector<plan::TokenCount>& counts() const { return counts_; }

 private:
  void add(int32_t token);
  void remove(int32_t token);

  uint32_t length_;
  std::vector<int32_t> window_;  // not a deque, which is a kilobyte and a half of code
  std::vector<plan::TokenCount> counts_;
};

}  // namespace chord::sampling
