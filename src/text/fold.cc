#include "text/fold.h"

#include <algorithm>
#include <iterator>

namespace chord::text {
namespace {

#include "text/unicode/folds.inc"

// A table that tools/unicode_folds.mjs wrote. It is read as it is, a microsecond for a character: what most
// texts have most of is answered before.
class Runs {
 public:
  explicit Runs(const uint8_t* bytes) : at_(bytes) {}

  // What the table has for the code point, or itself. A run behind all code points ends the table.
  uint32_t find(uint32_t code_point) {
    for (uint32_t next = 0, target = 0;;) {
      next += varint();
      if (next > code_point) return code_point;
      const uint32_t head = varint();
      const uint32_t kind = head & 7;
      for (uint32_t i = 0; i <= head >> 3; ++i) {
        uint32_t rise = kind;
        if (i == 0 || kind == 4) {
          rise = signed_varint();
        } else if (kind == 3) {
          rise = i % 2 != 0 ? 32 : -32U;
        }
        target += rise;
        if (kind == 2 && i != 0) ++next;
        if (next++ == code_point) return target;
      }
    }
  }

 private:
  uint32_t varint() {
    uint32_t value = 0;
    for (uint32_t shift = 0;; shift += 7) {
      value |= static_cast<uint32_t>(*at_ & 127) << shift;
      if (*at_++ < 128) return value;
    }
  }
  uint32_t signed_varint() {
    const uint32_t value = varint();
    return value % 2 != 0 ? ~(value / 2) : value / 2;
  }

  const uint8_t* at_;
};

struct Range {
  uint32_t first;
  uint32_t last;
};

// General category Cc, Cf, Cs and Co.
constexpr Range kControls[] = {
    {0x0, 0x1F},         {0x7F, 0x9F},       {0xAD, 0xAD},       {0x600, 0x605},     {0x61C, 0x61C},
    {0x6DD, 0x6DD},      {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},     {0x180E, 0x180E},
    {0x200B, 0x200F},    {0x202A, 0x202E},   {0x2060, 0x2064},   {0x2066, 0x206F},   {0xD800, 0xF8FF},
    {0xFEFF, 0xFEFF},    {0xFFF9, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F},
    {0x1BCA0, 0x1BCA3},  {0x1D173, 0x1D17A}, {0xE0001, 0xE0001}, {0xE0020, 0xE007F}, {0xF0000, 0xFFFFD},
    {0x100000, 0x10FFFD}};

}  // namespace

uint32_t base_character(uint32_t code_point) {
  if (code_point < 0x80) return code_point;
  // Hangul syllables: 588 for each leading consonant (The Unicode Standard, section 3.12).
  if (code_point >= 0xAC00 && code_point <= 0xD7A3) return 0x1100 + (code_point - 0xAC00) / 588;
  return Runs(kBaseRuns).find(code_point);
}

uint32_t lower_case(uint32_t code_point) {
  if (code_point < 0x80) return code_point >= 'A' && code_point <= 'Z' ? code_point + 32 : code_point;
  return Runs(kLowerCaseRuns).find(code_point);
}

bool is_control_character(uint32_t code_point) {
  const auto* range = std::ranges::lower_bound(kControls, code_point, {}, &Range::last);
  return range != std::end(kControls) && code_point >= range->first;
}

}  // namespace chord::text
