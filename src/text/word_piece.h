// WordPiece (arXiv:1609.08144) as BERT has it: a text is cut into words and marks, and each word into the
// longest tokens that spell it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/vocabulary.h"

namespace chord::text {

// How words are written before they are looked for.
struct WordPieceRules {
  bool lower_case = true;
  bool strip_accents = true;
};

class WordPiece {
 public:
  WordPiece(const Vocabulary& vocabulary, WordPieceRules rules);

  // Appends the tokens of `text`. In the vocabulary of a GGUF file "▁" stands before the tokens that begin a
  // word, and nothing before those that go on with one. A word that tokens cannot spell is the unknown token.
  // Follows llama.cpp, which has no limit to the length of a word. The vocabulary is the constructor's.
  void encode(const Vocabulary& vocabulary, std::string_view text, std::vector<int32_t>& out) const;

 private:
  void append_word(const Vocabulary& vocabulary, std::string_view word, std::vector<int32_t>& out) const;

  WordPieceRules rules_;
  size_t longest_ = 0;  // bytes of the longest token
};

}  // namespace chord::text
