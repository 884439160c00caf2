#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"

namespace chord::cpu {

// Gives out ranges of an address space that it never touches, first fit: the heap of a data plane whose
// memory is another module's, or offsets within one allocation. Meant for tens of ranges, not for millions.
class RangeAllocator {
 public:
  // Makes the space reach at least `end`. Returns where it ends then, or 0 if that is refused.
  using Grow = uint64_t (*)(uint64_t end);

  // Begins with [begin, end) free.
  RangeAllocator(uint64_t begin, uint64_t end, Grow grow);

  // At a multiple of 64; at least one byte. out_of_memory has the bytes wanted and the largest free range.
  Result<uint64_t> allocate(uint64_t bytes);

  // `address` is one that allocate() gave, not yet released.
  void release(uint64_t address);

  // Where the space ends: the largest it has been.
  uint64_t end() const { return end_; }

 private:
  struct Range {
    uint64_t begin;
    uint64_t end;
  };

  std::vector<Range>::iterator find_free(uint64_t bytes);
  bool grow_for(uint64_t bytes);
  void add_free(Range range);

  std::vector<Range> free_;  // ascending; no two touch
  std::vector<Range> used_;  // in no order
  uint64_t end_;
  Grow grow_;
};

}  // namespace chord::cpu
