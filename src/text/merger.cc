#include "text/merger.h"

#include <algorithm>
#include <functional>

namespace chord::text {
namespace {

// Words of English have a handful of symbols; up to here looking through all keys beats a heap.
constexpr uint32_t kSmall = 32;

}  // namespace

void Merger::run(Symbols& symbols) {
  const uint32_t count = symbols.size();
  keys_.assign(count, kNoMerge);
  links_.resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    links_[i] = {i == 0 ? 0 : i - 1, i + 1};
    if (i + 1 < count) keys_[i] = symbols.key(i, i + 1);
  }
  if (count <= kSmall) {
    merge_small(symbols);
  } else {
    merge_large(symbols);
  }
}

void Merger::merge_small(Symbols& symbols) {
  for (;;) {
    const auto best = std::ranges::min_element(keys_);
    if (best == keys_.end() || *best == kNoMerge) return;
    merge_at(static_cast<uint32_t>(best - keys_.begin()), symbols);
  }
}

void Merger::merge_large(Symbols& symbols) {
  heap_.clear();
  for (uint32_t i = 0; i < keys_.size(); ++i) push(i);
  while (!heap_.empty()) {
    std::ranges::pop_heap(heap_, std::greater{});
    const uint64_t top = heap_.back();
    heap_.pop_back();
    const auto left = static_cast<uint32_t>(top);
    // An entry is outdated once its pair has changed. If the new pair has the same key, then merging now is
    // as right as at the new pair's own entry.
    if (keys_[left] != top >> 32) continue;
    merge_at(left, symbols);
    push(left);
    if (left != 0) push(links_[left].prev);
  }
}

void Merger::merge_at(uint32_t left, Symbols& symbols) {
  const auto count = static_cast<uint32_t>(keys_.size());
  const uint32_t right = links_[left].next;
  symbols.merge(left, right, keys_[left]);
  const uint32_t after = links_[right].next;
  links_[left].next = after;
  keys_[right] = kNoMerge;
  if (after != count) links_[after].prev = left;
  keys_[left] = after == count ? kNoMerge : symbols.key(left, after);
  if (left != 0) keys_[links_[left].prev] = symbols.key(links_[left].prev, left);
}

void Merger::push(uint32_t left) {
  if (keys_[left] == kNoMerge) return;
  heap_.push_back(static_cast<uint64_t>(keys_[left]) << 32 | left);
  std::ranges::push_heap(heap_, std::greater{});
}

}  // namespace chord::text
