// Byte-level BPE: any text through each pre-tokenizer with a vocabulary of ours, or a vocabulary of any kind.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/byte_level.h"
#include "tokenizer_vocabulary.h"

namespace {

using namespace chord;

constexpr std::array<const char*, 18> kPreTokenizers = {
    "default",     "gpt-2",      "smollm", "falcon", "llama-bpe",    "qwen2",
    "qwen35",      "seed-coder", "tekken", "gpt-4o", "deepseek-llm", "deepseek-coder",
    "deepseek-v3", "minicpm5",   "bloom",  "viking", "dbrx",         "unknown"};

text::Tokenizer make_tokenizer(const char* pre) {
  text::TestVocabulary vocabulary("gpt2");
  for (int byte = 0; byte < 256; ++byte) {
    std::string letter;
    text::append_utf8(text::letter_of_byte(static_cast<uint8_t>(byte)), letter);
    vocabulary.add(letter);
  }
  for (const char* merge :
       {"a a", "a b", "Ġ a", "aa aa", "Ġ Ġ", "ĠĠ ĠĠ", "Ċ Ċ", "e r", "aaaa aaaa", "1 2", "Ã ©"}) {
    vocabulary.add_merge(merge);
    std::string token(merge);
    std::erase(token, ' ');
    vocabulary.add(token);
  }
  vocabulary.add("<|x|>", 0, text::TestVocabulary::control);
  vocabulary.set("tokenizer.ggml.pre", std::string(pre));
  auto tokenizer = text::Tokenizer::create(vocabulary.metadata());
  if (!tokenizer) __builtin_trap();
  return std::move(*tokenizer);
}

void check_round_trip(size_t pre, std::string_view input) {
  static const std::vector<text::Tokenizer> tokenizers = [] {
    std::vector<text::Tokenizer> made;
    made.reserve(kPreTokenizers.size());
    for (const char* name : kPreTokenizers) made.push_back(make_tokenizer(name));
    return made;
  }();
  const text::Tokenizer& tokenizer = tokenizers[pre % tokenizers.size()];
  text::exercise(tokenizer, input);
  if (!text::is_valid_utf8(input)) return;
  if (tokenizer.decode(tokenizer.encode(input, {.special = false})) != input) __builtin_trap();
  if (tokenizer.decode(tokenizer.encode(input), true) != input) __builtin_trap();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] >= 254) {
    text::check_vocabulary(data[0] == 254 ? "gpt2" : "gemma4", input);
  } else {
    check_round_trip(data[0], input);
  }
  return 0;
}
