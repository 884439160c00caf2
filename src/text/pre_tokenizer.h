// How a text is cut into words before byte-level BPE merges within each word.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace chord::text {

// A character with its class, in one word.
class ClassifiedChar {
 public:
  explicit ClassifiedChar(uint32_t code_point);

  uint32_t code_point() const { return bits_ & 0x1FFFFF; }
  bool is(char c) const { return code_point() == static_cast<uint8_t>(c); }

  // class_bits: an OR of kLetter … (pre_tokenizer_rules.h).
  bool is_any(uint32_t class_bits) const { return (bits_ & class_bits) != 0; }

 private:
  uint32_t bits_;  // code point | 1 << (24 + class)
};

using Chars = std::span<const ClassifiedChar>;

// Splits one piece further, appending where the new pieces end to `ends`, the last one at `end`.
// [begin, end) is not empty, and nothing outside it matters.
using SplitStage = void (*)(Chars text, uint32_t begin, uint32_t end, std::vector<uint32_t>& ends);

struct PreTokenizer {
  std::string_view name;  // as tokenizer.ggml.pre has it
  std::span<const SplitStage> stages;
  bool ignore_merges = false;   // a word that is a token is this token, whatever the merges
  bool add_bos = false;         // BOS goes first unless the file says otherwise
  bool escapes_spaces = false;  // tokens hold UTF-8 with "▁" for a space, instead of bytes spelled as letters
};

// The rules for a tokenizer.ggml.pre, aliases included; nullptr for a name that is not known.
const PreTokenizer* find_pre_tokenizer(std::string_view name);

// What files without tokenizer.ggml.pre, or with an unknown one, get ("default").
const PreTokenizer& default_pre_tokenizer();

// Cuts `text` by all stages in turn: the characters at which the words end, ascending, the last one
// text.size(). Both vectors are overwritten.
void split_words(const PreTokenizer& pre_tokenizer, Chars text, std::vector<uint32_t>& ends,
                 std::vector<uint32_t>& scratch);

}  // namespace chord::text
