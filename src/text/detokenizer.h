// Tokens to text while they arrive: no piece of text ends inside a character.
#pragma once

#include <cstdint>
#include <string>

#include "text/tokenizer.h"
#include "text/utf8.h"

namespace chord::text {

//   Detokenizer detokenizer(tokenizer, /*special=*/false);
//   for (token : generated) show(detokenizer.push(token));
//   show(detokenizer.finish());
//
// The text is valid UTF-8 whatever the tokens: bytes that are not become U+FFFD, exactly as WHATWG's
// TextDecoder has it, however the bytes were cut into tokens.
class Detokenizer {
 public:
  // The tokenizer must outlive the detokenizer. special: control tokens appear by name instead of not at all.
  Detokenizer(const Tokenizer& tokenizer, bool special) : tokenizer_(&tokenizer), special_(special) {}

  // The text that this token completes; empty while a character is incomplete.
  std::string push(int32_t token);

  // U+FFFD if a character was left incomplete, else nothing. Ready for the next text afterwards.
  std::string finish();

 private:
  const Tokenizer* tokenizer_;
  bool special_;
  Utf8Stream stream_;
  std::string piece_;  // reused by push
};

}  // namespace chord::text
