// GPT-2's spelling of bytes as visible letters, in which the tokens of byte-level BPE are written: bytes that
// are printable in Latin-1 stand for themselves, the others for U+0100 and up in their order ("Ġ" is a
// space).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chord::text {

uint32_t letter_of_byte(uint8_t byte);

// The byte that a letter stands for; -1 if it stands for none.
int32_t byte_of_letter(uint32_t code_point);

// Letters that stand for no byte are taken as text.
void append_bytes_of_letters(std::string_view letters, std::string& out);

}  // namespace chord::text
