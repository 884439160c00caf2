// BPE by rank: the text is cut into words, and in each the neighbours that come first in the list of merges
// merge first. Over bytes spelled as letters (GPT-2), or over UTF-8 (Gemma 4).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "gguf/metadata.h"
#include "text/merge_table.h"
#include "text/pre_tokenizer.h"
#include "text/vocabulary.h"

namespace chord::text {

class RankBpe {
 public:
  // Reads tokenizer.ggml.merges. pre_tokenizer: one of find_pre_tokenizer's.
  static Result<RankBpe> create(const gguf::Metadata& metadata, const Vocabulary& vocabulary,
                                const PreTokenizer& pre_tokenizer);

  // Appends the tokens of `text`. Bytes that are not UTF-8 count as U+FFFD. The vocabulary is create's.
  void encode(const Vocabulary& vocabulary, std::string_view text, std::vector<int32_t>& out) const;

  const PreTokenizer& pre_tokenizer() const { return *pre_tokenizer_; }

 private:
  explicit RankBpe(const PreTokenizer& pre_tokenizer) : pre_tokenizer_(&pre_tokenizer) {}

  const PreTokenizer* pre_tokenizer_;
  MergeTable merges_;
  // The symbol of each byte, if the pre-tokenizer does not escape spaces. Symbols are token ids, and above
  // these stand for texts that merges pass through without being tokens themselves.
  std::array<uint32_t, 256> byte_symbols_{};
};

}  // namespace chord::text
