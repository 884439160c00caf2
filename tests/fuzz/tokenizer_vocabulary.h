// A vocabulary made from the input of a fuzz target, and a text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "text/detokenizer.h"
#include "text/test_vocabulary.h"
#include "text/tokenizer.h"
#include "text/utf8.h"

namespace chord::text {

// Lines, of which the first character says what they are: a token (its type, and the score's sign), a merge,
// the pre-tokenizer, ids. The rest, from the first line of none of these kinds on, is the text.
struct FuzzedVocabulary {
  FuzzedVocabulary(std::string model, std::string_view input) : vocabulary(std::move(model)) {
    while (!input.empty() && take_line(input)) {
    }
    text = input;
  }

  TestVocabulary vocabulary;
  std::string_view text;

 private:
  bool take_line(std::string_view& input) {
    const size_t end = input.find('\n');
    if (end == std::string_view::npos || end == 0) return false;
    const char kind = input.front();
    const std::string_view line = input.substr(1, end - 1);
    if (kind >= '1' && kind <= '6') {
      vocabulary.add(line, line.empty() ? -1 : static_cast<float>(line.back()) / 3,
                     static_cast<TestVocabulary::Type>(kind - '0'));
    } else if (kind == 'm') {
      vocabulary.add_merge(line);
    } else if (kind == 'p') {
      vocabulary.set("tokenizer.ggml.pre", std::string(line));
    } else if (kind == 'e' && !line.empty()) {
      vocabulary.set("tokenizer.ggml.eos_token_id", static_cast<uint32_t>(line.front()));
    } else if (kind == 'n') {
      vocabulary.set("general.name", std::string(line));
    } else {
      return false;
    }
    input.remove_prefix(end + 1);
    return true;
  }
};

inline bool is_valid_utf8(std::string_view text) {
  Utf8Stream stream;
  std::string out;
  stream.push(text, out);
  stream.finish(out);
  return out == text;
}

// Encodes, decodes, and looks at every id. Ids out of range abort.
inline void exercise(const Tokenizer& tokenizer, std::string_view text) {
  for (const bool special : {false, true}) {
    const auto ids = tokenizer.encode(text, {.special = special, .bos = special, .eos = special});
    for (const int32_t id : ids) {
      if (id < 0 || id >= tokenizer.vocab_size()) __builtin_trap();
    }
    std::string out = tokenizer.decode(ids, special);
    Detokenizer detokenizer(tokenizer, special);
    out.clear();
    for (const int32_t id : ids) out += detokenizer.push(id);
    out += detokenizer.finish();
    if (!is_valid_utf8(out)) __builtin_trap();
  }
}

// Any vocabulary of a kind of tokenizer, and any text.
inline void check_vocabulary(std::string model, std::string_view input) {
  const FuzzedVocabulary fuzzed(std::move(model), input);
  const auto tokenizer = Tokenizer::create(fuzzed.vocabulary.metadata());
  if (tokenizer) exercise(*tokenizer, fuzzed.text);
}

}  // namespace chord::text
