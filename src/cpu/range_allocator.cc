#include "cpu/range_allocator.h"

#include <algorithm>
#include <cassert>

#include "cpu/saturating.h"

namespace chord::cpu {

RangeAllocator::RangeAllocator(uint64_t begin, uint64_t end, Grow grow) : end_(end), grow_(grow) {
  const uint64_t aligned = saturating_align(begin);
  if (aligned < end) {
    free_.push_back({.begin = aligned, .end = end});
  } else {
    end_ = aligned;
  }
}

Result<uint64_t> RangeAllocator::allocate(uint64_t bytes) {
  const uint64_t wanted = saturating_align(std::max<uint64_t>(bytes, 1));
  auto found = find_free(wanted);
  if (found == free_.end()) {
    if (!grow_for(wanted)) {
      uint64_t largest = 0;
      for (const Range& range : free_) largest = std::max(largest, range.end - range.begin);
      return fail(ErrorCode::out_of_memory, bytes, " bytes wanted, ", largest, " available");
    }
    found = find_free(wanted);
  }
  const uint64_t address = found->begin;
  found->begin += wanted;
  used_.push_back({.begin = address, .end = found->begin});
  if (found->begin >= found->end) free_.erase(found);
  return address;
}

void RangeAllocator::release(uint64_t address) {
  const auto found = std::ranges::find(used_, address, &Range::begin);
  assert(found != used_.end());
  if (found == used_.end()) return;
  const Range range = *found;
  *found = used_.back();
  used_.pop_back();
  add_free(range);
}

std::vector<RangeAllocator::Range>::iterator RangeAllocator::find_free(uint64_t bytes) {
  return std::ranges::find_if(free_,
                              [bytes](const Range& range) { return range.end - range.begin >= bytes; });
}

bool RangeAllocator::grow_for(uint64_t bytes) {
  const bool last_is_free = !free_.empty() && free_.back().end == end_;
  const uint64_t begin = last_is_free ? free_.back().begin : saturating_align(end_);
  const uint64_t wanted = saturating_add(begin, bytes);
  if (wanted == kTooMany) return false;
  const uint64_t grown = grow_(wanted);
  if (grown < wanted) return false;
  if (last_is_free) free_.pop_back();
  free_.push_back({.begin = begin, .end = grown});
  end_ = grown;
  return true;
}

void RangeAllocator::add_free(Range range) {
  auto next = std::ranges::lower_bound(free_, range.begin, {}, &Range::begin);
  if (next != free_.end() && next->begin == range.end) {
    range.end = next->end;
    next = free_.erase(next);
  }
  if (next != free_.begin() && std::prev(next)->end == range.begin) {
    std::prev(next)->end = range.end;
  } else {
    free_.insert(next, range);
  }
}

}  // namespace chord::cpu
