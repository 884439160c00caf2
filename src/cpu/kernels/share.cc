#include "cpu/kernels/share.h"

namespace chord::cpu::kernels {

Pieces::Pieces(Walk* walk, uint32_t low, uint32_t high)
    : walk_(walk), base_(walk != nullptr ? walk->next : 0), low_(low), high_(high), begin_(low), end_(low) {
  if (walk != nullptr) walk->next += high - low;
}

bool Pieces::take() {
  if (walk_ == nullptr) {
    begin_ = end_;
    end_ = high_;
    return begin_ != end_;
  }
  Team& team = walk_->team;
  const uint32_t pieces = high_ - low_;
  uint32_t taken = __atomic_load_n(&team.taken, __ATOMIC_RELAXED);
  // Later commands' pieces may have been taken already; the difference is right where the count wraps around.
  while (taken - base_ < pieces) {
    const uint32_t first = taken - base_;
    // Large ranges first, for the caches; single pieces at the end, so that all finish together.
    const uint32_t fair = (pieces - first) / (2 * team.thread_count);
    const uint32_t count = fair > 1 ? fair : 1;
    if (!__atomic_compare_exchange_n(&team.taken, &taken, taken + count, false, __ATOMIC_RELAXED,
                                     __ATOMIC_RELAXED)) {
      continue;
    }
    walk_->owned += count;
    begin_ = low_ + first;
    end_ = begin_ + count;
    return true;
  }
  return false;
}

}  // namespace chord::cpu::kernels
