// How a text is cut into words before byte-level BPE merges within each word.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "text/pre_tokenizer_rules.h"

namespace chord::text {

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
void split_words(const PreTokenizer& pre_tokenizer, std::span<const ClassifiedChar> text,
                 std::vector<uint32_t>& ends, std::vector<uint32_t>& scratch);

}  // namespace chord::text
