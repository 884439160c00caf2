// Guesses how a text goes on by how it went on before.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace chord::session {

// Prompt lookup (A. Saxena, 2023): what followed the last few tokens where they stood before is likely to
// follow again, in texts that quote, edit or repeat. A guess costs nothing but its place in a step.
class PromptLookup {
 public:
  // most: tokens of a guess; 0: none is made.
  explicit PromptLookup(uint32_t most) : most_(most), length_(most < kFirstLength ? most : kFirstLength) {}

  // The tokens that may follow `text`, at most `limit` of them, and none where its last kLeastMatch tokens
  // did not stand together before.
  std::vector<int32_t> guess(std::span<const int32_t> text, uint32_t limit) const;

  // How many of a guess were right; the next guess is longer if all were, and shorter if not.
  void learn(uint32_t guessed, uint32_t right);

  static constexpr uint32_t kLeastMatch = 2;
  static constexpr uint32_t kLongestMatch = 8;

 private:
  static constexpr uint32_t kFirstLength = 4;

  uint32_t most_;
  uint32_t length_;  // of the next guess
};

}  // namespace chord::session
