#include "text/utf8.h"

namespace chord::text {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_continuation(char c) {
  return (static_cast<uint8_t>(c) & 0xC0) == 0x80;
}

}  // namespace

uint32_t utf8_length(char lead) {
  const auto byte = static_cast<uint8_t>(lead);
  if (byte < 0xC0) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

DecodedChar decode_lenient(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text.front());
  if (lead < 0x80) return {lead, 1};
  const uint32_t length = utf8_length(text.front());
  if (length == 1 || lead >= 0xF8 || length > text.size()) return {kReplacementCharacter, 0};
  uint32_t code_point = lead & (0x7Fu >> length);
  for (uint32_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return {kReplacementCharacter, 0};
    code_point = code_point << 6 | (static_cast<uint8_t>(text[i]) & 0x3F);
  }
  if (code_point > kMaxCodePoint) return {kReplacementCharacter, 0};
  return {code_point, length};
}

void append_utf8(uint32_t code_point, std::string& out) {
  const auto put = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

void Utf8Stream::push(std::string_view bytes, std::string& out) {
  for (size_t i = 0; i < bytes.size();) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    if (needed_ == 0) {
      ++i;
      lower_ = 0x80;
      upper_ = 0xBF;
      if (byte < 0x80) {
        out += bytes[i - 1];
        continue;
      }
      if (byte < 0xC2 || byte > 0xF4) {
        out += kReplacement;
        continue;
      }
      needed_ = static_cast<uint8_t>(utf8_length(bytes[i - 1]) - 1);
      if (byte == 0xE0) lower_ = 0xA0;
      if (byte == 0xED) upper_ = 0x9F;
      if (byte == 0xF0) lower_ = 0x90;
      if (byte == 0xF4) upper_ = 0x8F;
      held_[held_count_++] = bytes[i - 1];
      continue;
    }
    if (byte < lower_ || byte > upper_) {
      // The byte is looked at again: it may begin a character of its own.
      finish(out);
      continue;
    }
    ++i;
    lower_ = 0x80;
    upper_ = 0xBF;
    if (--needed_ != 0) {
      held_[held_count_++] = bytes[i - 1];
      continue;
    }
    out.append(held_, held_count_);
    out += bytes[i - 1];
    held_count_ = 0;
  }
}

void Utf8Stream::finish(std::string& out) {
  if (needed_ != 0) out += kReplacement;
  needed_ = 0;
  held_count_ = 0;
}

}  // namespace chord::text
