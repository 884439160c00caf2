// SentencePiece's BPE: any text with a vocabulary of ours, or a vocabulary of any kind.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tokenizer_vocabulary.h"

namespace {

using namespace chord;

text::Tokenizer make_tokenizer() {
  text::TestVocabulary vocabulary("llama");
  vocabulary.add("<unk>", 0, text::TestVocabulary::unknown);
  vocabulary.add("<s>", 0, text::TestVocabulary::control);
  vocabulary.add("</s>", 0, text::TestVocabulary::control);
  for (int byte = 0; byte < 256; ++byte) {
    const std::string_view digits = "0123456789ABCDEF";
    vocabulary.add(concat("<0x", digits[byte >> 4], digits[byte & 15], ">"), 0, text::TestVocabulary::byte);
  }
  float score = 0;
  for (const char* token : {"▁", "a", "b", "▁a", "aa", "aab", "aaaa", "▁▁", "▁▁▁▁", "é", "ab", "▁ab"}) {
    vocabulary.add(token, score -= 1);
  }
  auto tokenizer = text::Tokenizer::create(vocabulary.metadata());
  if (!tokenizer) __builtin_trap();
  return std::move(*tokenizer);
}

void check_round_trip(std::string_view input) {
  static const text::Tokenizer tokenizer = make_tokenizer();
  text::exercise(tokenizer, input);
  // "▁" comes back as a space.
  if (!text::is_valid_utf8(input) || input.contains("▁")) return;
  if (tokenizer.decode(tokenizer.encode(input, {.special = false})) != input) __builtin_trap();
  if (tokenizer.decode(tokenizer.encode(input), true) != input) __builtin_trap();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 255) {
    text::check_vocabulary("llama", input);
  } else {
    check_round_trip(input);
  }
  return 0;
}
