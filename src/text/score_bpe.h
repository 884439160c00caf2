// SentencePiece's BPE: of all neighbours whose concatenation is a token, those with the best score merge
// first.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/merger.h"
#include "text/vocabulary.h"

namespace chord::text {

class ScoreBpe {
 public:
  explicit ScoreBpe(const Vocabulary& vocabulary);

  // Appends the tokens of `text`, in which "▁" stands for a space. Characters that no token spells become
  // byte tokens, or the unknown token where the vocabulary has none of these. The vocabulary is the
  // constructor's.
  void encode(const Vocabulary& vocabulary, std::string_view text, std::vector<int32_t>& out) const;

 private:
  uint32_t longest_ = 0;            // bytes of the longest token
  bool space_begins_words_ = true;  // no token has "▁" after another character
};

}  // namespace chord::text
