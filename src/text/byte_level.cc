#include "text/byte_level.h"

#include "text/utf8.h"

namespace chord::text {
namespace {

bool stands_for_itself(uint32_t c) {
  return (c >= 0x21 && c <= 0x7E) || (c >= 0xA1 && c <= 0xFF && c != 0xAD);
}

}  // namespace

// The bytes that do not stand for themselves: 0x00-0x20, 0x7F-0xA0, 0xAD.
uint32_t letter_of_byte(uint8_t byte) {
  if (stands_for_itself(byte)) return byte;
  if (byte <= 0x20) return 0x100u + byte;
  if (byte <= 0xA0) return 0x121u + (byte - 0x7Fu);
  return 0x143;
}

int32_t byte_of_letter(uint32_t code_point) {
  if (stands_for_itself(code_point)) return static_cast<int32_t>(code_point);
  if (code_point >= 0x100 && code_point <= 0x120) return static_cast<int32_t>(code_point - 0x100);
  if (code_point >= 0x121 && code_point <= 0x142) return static_cast<int32_t>(code_point - 0x121 + 0x7F);
  return code_point == 0x143 ? 0xAD : -1;
}

void append_bytes_of_letters(std::string_view letters, std::string& out) {
  while (!letters.empty()) {
    const DecodedChar letter = decode_lenient(letters);
    const uint32_t length = letter.bytes == 0 ? 1 : letter.bytes;
    const int32_t byte = letter.bytes == 0 ? -1 : byte_of_letter(letter.code_point);
    if (byte >= 0) {
      out += static_cast<char>(byte);
    } else {
      out += letters.substr(0, length);
    }
    letters.remove_prefix(length);
  }
}

}  // namespace chord::text
