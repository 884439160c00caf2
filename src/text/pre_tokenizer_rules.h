// The regular expressions of pre-tokenizers, as data: without an engine, which would be more code than all of
// this folder.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "text/char_class.h"

namespace chord::text {

// A character with its class, in one word.
class ClassifiedChar {
 public:
  explicit ClassifiedChar(uint32_t code_point)
      : bits_(code_point | 1u << (24 + static_cast<uint32_t>(char_class(code_point)))) {}

  uint32_t code_point() const { return bits_ & 0x1FFFFF; }
  bool is(char c) const { return code_point() == static_cast<uint8_t>(c); }

  template <class... Classes>
  bool is_any(Classes... classes) const {
    return (bits_ & ((1u << (24 + static_cast<uint32_t>(classes))) | ...)) != 0;
  }

 private:
  uint32_t bits_;  // code point | 1 << (24 + class)
};

// The characters of a piece from some place on. Nothing beyond the piece can be seen.
class Cursor {
 public:
  Cursor(const ClassifiedChar* at, const ClassifiedChar* end) : at_(at), end_(end) {}

  bool has(uint32_t n) const { return static_cast<size_t>(end_ - at_) > n; }
  ClassifiedChar operator[](uint32_t n) const { return at_[n]; }

 private:
  const ClassifiedChar* at_;
  const ClassifiedChar* end_;
};

// A set of characters.
using CharSet = bool (*)(ClassifiedChar);

// One alternative of an expression: P?X{least,most}T*, anchored where it is tried.
struct SplitRule {
  CharSet set = nullptr;     // X
  CharSet prefix = nullptr;  // P, of characters that are no X, or that X may go on over all the same
  CharSet tail = nullptr;    // T
  uint8_t least = 1;
  uint8_t most = 0;  // 0: any number
  // Instead of all the others: the number of characters matched from the cursor on, 0 for no match.
  uint32_t (*match)(Cursor) = nullptr;
};

// Alternatives, tried in order at each place. What none of them matches stays together as a piece of its own.
// A stage without any parts the white space at the end of a piece from the rest: \s+$.
using SplitStage = std::span<const SplitRule>;

// How many characters the rule matches at the cursor, where there is at least one; 0 for no match.
uint32_t match_rule(const SplitRule& rule, Cursor text);

// Matchers for SplitRule::match.
uint32_t match_contraction(Cursor text);           // 's|'t|'re|'ve|'m|'ll|'d
uint32_t match_any_case_contraction(Cursor text);  // (?i:'s|'t|'re|'ve|'m|'ll|'d), in ASCII
uint32_t match_spaces_to_newline(Cursor text);     // \s*[\r\n]+
uint32_t match_spaces(Cursor text);                // \s+(?!\S)|\s+

// Words of one case: P?U*W+|P?U+W*, with P [^\r\n\p{L}\p{N}], U letters not in a-z, W letters not in A-Z.
uint32_t match_cased_word(Cursor text);
uint32_t match_cased_word_contraction(Cursor text);  // and a contraction after it, if there is one

inline bool is_newline(ClassifiedChar c) {
  return c.is('\n') || c.is('\r');
}

// Splits text [begin, end), which is not empty: appends where the pieces end, the last one at `end`.
void split_piece(SplitStage stage, std::span<const ClassifiedChar> text, uint32_t begin, uint32_t end,
                 std::vector<uint32_t>& ends);

}  // namespace chord::text
