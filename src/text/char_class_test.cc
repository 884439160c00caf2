#include "text/char_class.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "text/byte_level.h"
#include "text/utf8.h"

namespace chord::text {
namespace {

TEST(CharClass, HasUnicode17) {
  EXPECT_EQ(unicode_version(), "17.0");
  // As many code points of each class as JavaScript's \p{…} counts.
  std::array<int, 7> counts{};
  for (uint32_t c = 0; c <= kMaxCodePoint; ++c) ++counts[static_cast<size_t>(char_class(c))];
  EXPECT_THAT(counts, testing::ElementsAre(954475, 145672, 2543, 1924, 856, 8617, 25));
}

TEST(CharClass, PutsCharactersWhereTheyBelong) {
  EXPECT_EQ(char_class('a'), CharClass::letter);
  EXPECT_EQ(char_class(0x4E2D), CharClass::letter);  // 中
  EXPECT_EQ(char_class(0x0301), CharClass::mark);
  EXPECT_EQ(char_class(0xBD), CharClass::number);  // ½
  EXPECT_EQ(char_class('_'), CharClass::punctuation);
  EXPECT_EQ(char_class('$'), CharClass::symbol);
  EXPECT_EQ(char_class(0x1F999), CharClass::symbol);  // 🦙
  EXPECT_EQ(char_class('\t'), CharClass::space);
  EXPECT_EQ(char_class(0x85), CharClass::space);
  EXPECT_EQ(char_class(0x3000), CharClass::space);
  EXPECT_EQ(char_class(0x200B), CharClass::other);
  EXPECT_EQ(char_class(0xD800), CharClass::other);
  EXPECT_EQ(char_class(kMaxCodePoint), CharClass::other);
  EXPECT_EQ(char_class(kMaxCodePoint + 1), CharClass::other);
}

TEST(ByteLevel, SpellsEveryByteWithALetterOfItsOwn) {
  for (uint32_t byte = 0; byte < 256; ++byte) {
    EXPECT_EQ(byte_of_letter(letter_of_byte(static_cast<uint8_t>(byte))), byte);
  }
  EXPECT_EQ(letter_of_byte(' '), 0x120);   // Ġ
  EXPECT_EQ(letter_of_byte('\n'), 0x10A);  // Ċ
  EXPECT_EQ(letter_of_byte(0xAD), 0x143);
  EXPECT_EQ(byte_of_letter(0x144), -1);
  EXPECT_EQ(byte_of_letter(' '), -1);
}

TEST(ByteLevel, LeavesOtherTextAsItIs) {
  std::string out;
  append_bytes_of_letters("Ġa中\xFF", out);
  EXPECT_EQ(out, " a中\xFF");
}

}  // namespace
}  // namespace chord::text
