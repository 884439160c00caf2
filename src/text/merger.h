// Merging neighbours by priority, which both BPE by rank and SentencePiece's BPE by score come down to.
#pragma once

#include <cstdint>
#include <vector>

namespace chord::text {

// A row of symbols, of which neighbours merge until no pair may. The pair with the lowest key goes first, of
// equal ones the leftmost. O(n log n); the vectors are kept for the next row.
class Merger {
 public:
  static constexpr uint32_t kNoMerge = UINT32_MAX;

  // The symbols, by their number in the row. A merged pair goes on as its left symbol.
  class Symbols {
   public:
    virtual uint32_t size() const = 0;
    // What orders the pair, or kNoMerge.
    virtual uint32_t key(uint32_t left, uint32_t right) const = 0;
    // Merges the pair, which has this key now.
    virtual void merge(uint32_t left, uint32_t right, uint32_t key) = 0;

   protected:
    ~Symbols() = default;
  };

  void run(Symbols& symbols);

  // After run(): the symbol that follows `symbol`, size() after the last one. The first one is 0.
  uint32_t next(uint32_t symbol) const { return links_[symbol].next; }

 private:
  struct Link {
    uint32_t prev;  // of symbol 0: 0
    uint32_t next;  // of the last symbol: size()
  };

  void merge_small(Symbols& symbols);
  void merge_large(Symbols& symbols);
  void merge_at(uint32_t left, Symbols& symbols);
  void push(uint32_t left);

  std::vector<uint32_t> keys_;  // of the pair (i, next(i)); kNoMerge for symbols that were merged away
  std::vector<Link> links_;
  std::vector<uint64_t> heap_;  // key << 32 | left
};

}  // namespace chord::text
