// The merges of a BPE vocabulary: which pairs of symbols become which symbol, and which pair goes first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chord::text {

class MergeTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // Makes room for `count` merges (at most kMaxIndexed) and forgets the old ones.
  void reset(size_t count);

  // Adds the merge of the next rank. A pair that was there before keeps its rank. False: the table is
  // degenerate (see kMaxProbe).
  [[nodiscard]] bool add(uint32_t left, uint32_t right, uint32_t merged);

  // The rank of the pair, lower goes first; or kNone.
  uint32_t rank(uint32_t left, uint32_t right) const;

  uint32_t merged(uint32_t rank) const { return merges_[rank].merged; }
  size_t size() const { return merges_.size(); }

 private:
  struct Merge {
    uint32_t left;
    uint32_t right;
    uint32_t merged;
  };

  std::vector<Merge> merges_;    // by rank
  std::vector<uint32_t> slots_;  // hash bits << 24 | (rank + 1), or 0; a power of two
};

}  // namespace chord::text
