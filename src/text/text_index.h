// From a token's text to its id, in one word per token.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "gguf/metadata.h"

namespace chord::text {

// Ids share a word with 8 bits of hash, which spare most comparisons of text.
inline constexpr uint32_t kMaxIndexed = (1u << 24) - 2;

// The longest row of occupied slots that a table of ours may have. Tables are at most half full, so texts
// that were not chosen to collide stay below 100; a file that was made to collide would take hours without
// this.
inline constexpr uint32_t kMaxProbe = 2048;

uint64_t hash_text(std::string_view text);

// An open-addressing table over an array that the caller keeps, and passes again with every call.
class TextIndex {
 public:
  // Makes room for `count` entries (at most kMaxIndexed) and forgets the old ones.
  void reset(size_t count);

  // Adds texts[id]. A text that was there before belongs to the new id. False: the table is degenerate (see
  // kMaxProbe).
  [[nodiscard]] bool insert(const gguf::StringArray& texts, uint32_t id);

  // The id of the text, or -1.
  int32_t find(const gguf::StringArray& texts, std::string_view text) const;

 private:
  // The slot that holds `text`, or the free one where it belongs; -1 if none is near.
  int64_t slot_of(const gguf::StringArray& texts, std::string_view text, uint64_t hash) const;

  std::vector<uint32_t> slots_;  // hash bits << 24 | (id + 1), or 0; a power of two
};

}  // namespace chord::text
