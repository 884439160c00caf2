// How far a text can be cut back over stores of which rings forget what lies behind their windows.
#pragma once

#include <cstdint>
#include <span>

#include "plan/op.h"

namespace chord::plan {

class Reach {
 public:
  // ring_slack: how many positions more than its window a ring keeps.
  Reach(std::span<const StoreInfo> stores, uint32_t ring_slack);

  // A step stores positions [first, end).
  void store(uint32_t first, uint32_t end);
  // The stores now hold what an image of so many positions has (store_image.h), from which the last can be
  // taken again.
  void load(uint32_t positions);

  // Whether a step can begin at this position: whether all that its queries see is there.
  bool holds(uint32_t position) const { return position == 0 || position >= earliest_; }

 private:
  uint32_t window_;  // the shortest of a ring
  uint32_t ring_slack_;
  uint32_t earliest_ = 0;
};

}  // namespace chord::plan
