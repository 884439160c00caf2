// Merging neighbours by priority, which both BPE by rank and SentencePiece's BPE by score come down to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace chord::text {

// A row of symbols, of which neighbours merge until no pair may. The pair with the lowest key goes first, of
// equal ones the leftmost. O(n log n); the vectors are kept for the next row.
class Merger {
 public:
  static constexpr uint32_t kNoMerge = UINT32_MAX;

  // Symbols 0 … count-1 (count > 0). A merged pair goes on as its left symbol. `Pairs` has
  //   uint32_t key(uint32_t left, uint32_t right)                what orders the pair, or kNoMerge
  //   void merge(uint32_t left, uint32_t right, uint32_t key)    does it
  template <class Pairs>
  void run(uint32_t count, Pairs& pairs) {
    start(count);
    for (uint32_t i = 0; i + 1 < count; ++i) keys_[i] = pairs.key(i, i + 1);
    if (count <= kSmall) {
      merge_small(count, pairs);
    } else {
      merge_large(count, pairs);
    }
  }

  // After run(): the symbol that follows `symbol`, `count` after the last one. The first one is 0.
  uint32_t next(uint32_t symbol) const { return links_[symbol].next; }

 private:
  // Words of English have 4 symbols; up to here looking through all keys beats a heap.
  static constexpr uint32_t kSmall = 32;

  struct Link {
    uint32_t prev;  // of symbol 0: 0
    uint32_t next;  // of the last symbol: count
  };

  void start(uint32_t count) {
    keys_.assign(count, kNoMerge);
    links_.resize(count);
    for (uint32_t i = 0; i < count; ++i) links_[i] = {i == 0 ? 0 : i - 1, i + 1};
  }

  template <class Pairs>
  void merge_small(uint32_t count, Pairs& pairs) {
    const std::span<uint32_t> keys(keys_.data(), count);
    for (;;) {
      const auto best = std::ranges::min_element(keys);
      if (*best == kNoMerge) return;
      merge_at(static_cast<uint32_t>(best - keys.begin()), count, pairs);
    }
  }

  template <class Pairs>
  void merge_large(uint32_t count, Pairs& pairs) {
    heap_.clear();
    for (uint32_t i = 0; i < count; ++i) {
      if (keys_[i] != kNoMerge) heap_.push_back(entry(i));
    }
    std::ranges::make_heap(heap_, std::greater{});
    while (!heap_.empty()) {
      std::ranges::pop_heap(heap_, std::greater{});
      const uint64_t top = heap_.back();
      heap_.pop_back();
      const auto left = static_cast<uint32_t>(top);
      // An entry is outdated once its pair has changed. If the new pair has the same key, then merging now
      // is as right as at the new pair's own entry.
      if (keys_[left] != top >> 32) continue;
      merge_at(left, count, pairs);
      push(left);
      if (left != 0) push(links_[left].prev);
    }
  }

  template <class Pairs>
  void merge_at(uint32_t left, uint32_t count, Pairs& pairs) {
    const uint32_t right = links_[left].next;
    pairs.merge(left, right, keys_[left]);
    const uint32_t after = links_[right].next;
    links_[left].next = after;
    keys_[right] = kNoMerge;
    if (after != count) links_[after].prev = left;
    keys_[left] = after == count ? kNoMerge : pairs.key(left, after);
    if (left != 0) keys_[links_[left].prev] = pairs.key(links_[left].prev, left);
  }

  uint64_t entry(uint32_t left) const { return static_cast<uint64_t>(keys_[left]) << 32 | left; }

  void push(uint32_t left) {
    if (keys_[left] == kNoMerge) return;
    heap_.push_back(entry(left));
    std::ranges::push_heap(heap_, std::greater{});
  }

  std::vector<uint32_t> keys_;  // of the pair (i, next(i)); kNoMerge for symbols that were merged away
  std::vector<Link> links_;
  std::vector<uint64_t> heap_;  // key << 32 | left
};

}  // namespace chord::text
