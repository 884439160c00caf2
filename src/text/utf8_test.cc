#include "text/utf8.h"

#include <gtest/gtest.h>

#include <vector>

namespace chord::text {
namespace {

constexpr const char* kBad = "\xEF\xBF\xBD";

std::string streamed(std::string_view bytes, size_t size) {
  Utf8Stream stream;
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += size) stream.push(bytes.substr(at, size), out);
  stream.finish(out);
  return out;
}

std::string repeat_bad(int n) {
  std::string out;
  while (n-- > 0) out += kBad;
  return out;
}

// The expectations are what TextDecoder gives.
TEST(Utf8Stream, ReplacesWhatIsIllFormedHoweverItIsCut) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"h\xC3\xA9llo \xF0\x9F\xA6\x99", "héllo 🦙"},
      {"\xC0\x80", repeat_bad(2)},
      {"\xE0\x80\x80", repeat_bad(3)},
      {"\xED\xA0\x80", repeat_bad(3)},      // a surrogate
      {"\xF4\x90\x80\x80", repeat_bad(4)},  // above U+10FFFF
      {"\xF8\x88\x80\x80\x80", repeat_bad(5)},
      {"\xF0\x9F\xA6", repeat_bad(1)},  // cut off
      {"\xF0\x9F\xA6z", repeat_bad(1) + "z"},
      {"\xE2\x82\xE2\x82\xAC", repeat_bad(1) + "€"},
      {"\xC3\xC3\xA9", repeat_bad(1) + "é"},
      {"a\x80z", "a" + repeat_bad(1) + "z"},
      {"\xEF\xBB\xBF"
       "a",
       "\xEF\xBB\xBF"
       "a"},
  };
  for (const auto& [bytes, expected] : cases) {
    for (size_t size = 1; size <= bytes.size(); ++size) EXPECT_EQ(streamed(bytes, size), expected);
  }
}

TEST(Utf8Stream, GivesCharactersWhenTheyAreComplete) {
  Utf8Stream stream;
  std::string out;
  stream.push("a\xF0\x9F", out);
  EXPECT_EQ(out, "a");
  stream.push("\xA6", out);
  EXPECT_EQ(out, "a");
  stream.push("\x99", out);
  EXPECT_EQ(out, "a🦙");
}

TEST(DecodeLenient, TakesOneCharacterOrNone) {
  const auto expect = [](std::string_view text, uint32_t code_point, uint32_t bytes) {
    const DecodedChar c = decode_lenient(text);
    EXPECT_EQ(c.code_point, code_point);
    EXPECT_EQ(c.bytes, bytes);
  };
  expect("az", 'a', 1);
  expect("é", 0xE9, 2);
  expect("€", 0x20AC, 3);
  expect("🦙z", 0x1F999, 4);
  expect("\xED\xA0\x80", 0xD800, 3);
  expect("\xC1\x81", 'A', 2);
  expect("\x80", kReplacementCharacter, 0);
  expect("\xE2\x82", kReplacementCharacter, 0);
  expect("\xE2z\x82", kReplacementCharacter, 0);
  expect("\xF4\x90\x80\x80", kReplacementCharacter, 0);
  expect("\xFF\xBF\xBF\xBF", kReplacementCharacter, 0);
}

TEST(AppendUtf8, IsWhatDecodeLenientReads) {
  for (const uint32_t code_point : {0x0u, 0x7Fu, 0x80u, 0x7FFu, 0x800u, 0xFFFFu, 0x10000u, kMaxCodePoint}) {
    std::string text;
    append_utf8(code_point, text);
    EXPECT_EQ(decode_lenient(text).code_point, code_point);
    EXPECT_EQ(decode_lenient(text).bytes, text.size());
    EXPECT_EQ(utf8_length(text[0]), text.size());
  }
}

}  // namespace
}  // namespace chord::text
