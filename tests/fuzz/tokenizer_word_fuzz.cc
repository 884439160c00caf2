// WordPiece: any text by each rule with a vocabulary of ours, or a vocabulary of any kind.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer_vocabulary.h"

namespace {

using namespace chord;
using Ids = std::vector<int32_t>;

// Spells every word of small letters; marks and ideographs are words, accents and capitals are where they
// stay.
text::Tokenizer make_tokenizer(bool lower_case, bool strip_accents) {
  text::TestVocabulary vocabulary("bert");
  vocabulary.set("tokenizer.ggml.unknown_token_id", uint32_t{0});
  vocabulary.set("tokenizer.ggml.normalizer.lowercase", lower_case);
  vocabulary.set("tokenizer.ggml.normalizer.strip_accents", strip_accents);
  vocabulary.add("[UNK]", 0, text::TestVocabulary::control);
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    vocabulary.add(std::string(1, letter));
    vocabulary.add(concat("▁", std::string(1, letter)));
  }
  for (const char* token :
       {"▁the", "the", "▁ab", "bc", "abab", "é", "▁é", "▁É", "▁.", "▁-", "▁中", "▁ᄀ", "ß", "▁σ"}) {
    vocabulary.add(token);
  }
  auto tokenizer = text::Tokenizer::create(vocabulary.metadata());
  if (!tokenizer) __builtin_trap();
  return std::move(*tokenizer);
}

Ids encode(const text::Tokenizer& tokenizer, std::string_view text) {
  return tokenizer.encode(text, {.special = false});
}

void check_text(size_t rules, std::string_view input) {
  static const std::vector<text::Tokenizer> tokenizers = [] {
    std::vector<text::Tokenizer> made;
    made.reserve(4);
    for (const bool lower_case : {false, true}) {
      for (const bool strip_accents : {false, true})
        made.push_back(make_tokenizer(lower_case, strip_accents));
    }
    return made;
  }();
  const text::Tokenizer& tokenizer = tokenizers[rules % tokenizers.size()];
  text::exercise(tokenizer, input);

  // Words know nothing of each other.
  const size_t middle = input.size() / 2;
  const std::string spaced = concat(input.substr(0, middle), " ", input.substr(middle));
  Ids both = encode(tokenizer, input.substr(0, middle));
  const Ids second = encode(tokenizer, input.substr(middle));
  both.insert(both.end(), second.begin(), second.end());
  if (encode(tokenizer, spaced) != both) __builtin_trap();

  if (rules % 4 < 2) return;
  std::string capitals(input);
  std::ranges::transform(capitals, capitals.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (encode(tokenizer, capitals) != encode(tokenizer, input)) __builtin_trap();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] >= 192) {
    text::check_vocabulary("bert", input);
  } else {
    check_text(data[0], input);
  }
  return 0;
}
