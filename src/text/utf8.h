// UTF-8: one character at a time, and as a stream of pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chord::text {

inline constexpr uint32_t kReplacementCharacter = 0xFFFD;
inline constexpr uint32_t kMaxCodePoint = 0x10FFFF;

struct DecodedChar {
  uint32_t code_point;
  uint32_t bytes;  // taken from the text; 0 if `code_point` stands for one byte that is no UTF-8
};

// The character at the start of `text` (not empty). As llama.cpp reads text before it is tokenized: a
// surrogate or an overlong form that is otherwise well-formed counts as the character it spells.
DecodedChar decode_lenient(std::string_view text);

void append_utf8(uint32_t code_point, std::string& out);

// The number of bytes that a lead byte announces (1 to 4; 1 for a byte that cannot lead).
uint32_t utf8_length(char lead);

// Turns bytes that arrive in pieces into valid UTF-8: incomplete characters are held back, each maximal
// ill-formed part becomes one U+FFFD. Same output as TextDecoder with {stream: true} (WHATWG Encoding, "UTF-8
// decoder"), a byte order mark included as it is.
class Utf8Stream {
 public:
  void push(std::string_view bytes, std::string& out);
  void finish(std::string& out);  // U+FFFD if a character is incomplete; ready for the next text

 private:
  char held_[3] = {};  // a valid beginning of a character
  uint8_t held_count_ = 0;
  uint8_t needed_ = 0;    // continuation bytes still to come
  uint8_t lower_ = 0x80;  // bounds of the next one: they exclude overlong forms, surrogates, and
  uint8_t upper_ = 0xBF;  // what lies above U+10FFFF
};

}  // namespace chord::text
