#include "text/fold.h"

#include <algorithm>
#include <span>
#include <vector>

namespace chord::text {
namespace {

#include "text/unicode/folds.inc"

struct Fold {
  uint32_t from;
  uint32_t to;
};

// tools/unicode_folds.mjs says how runs are written.
class RunReader {
 public:
  explicit RunReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  std::vector<Fold> read() && {
    while (!bytes_.empty()) read_run();
    return std::move(folds_);
  }

 private:
  void read_run() {
    next_ += varint();
    const uint32_t head = varint();
    const uint32_t kind = head & 7;
    for (uint32_t i = 0; i <= head >> 3; ++i) {
      uint32_t rise = kind;
      if (i == 0 || kind == 4) {
        rise = signed_varint();
      } else if (kind == 3) {
        rise = i % 2 != 0 ? 32 : -32U;
      }
      target_ += rise;
      if (kind == 2 && i != 0) ++next_;
      folds_.push_back({.from = next_++, .to = target_});
    }
  }

  uint32_t varint() {
    uint32_t value = 0;
    for (uint32_t shift = 0;; shift += 7) {
      const uint8_t byte = bytes_.front();
      bytes_ = bytes_.subspan(1);
      value |= static_cast<uint32_t>(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
  uint32_t signed_varint() {
    const uint32_t value = varint();
    return value % 2 != 0 ? ~(value / 2) : value / 2;
  }

  std::span<const uint8_t> bytes_;
  std::vector<Fold> folds_;
  uint32_t next_ = 0;    // the code point after the last one
  uint32_t target_ = 0;  // of the last one
};

uint32_t find(const std::vector<Fold>& folds, uint32_t code_point) {
  const auto found = std::ranges::lower_bound(folds, code_point, {}, &Fold::from);
  return found != folds.end() && found->from == code_point ? found->to : code_point;
}

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
  static const std::vector<Fold> folds = RunReader(kBaseRuns).read();
  return find(folds, code_point);
}

uint32_t lower_case(uint32_t code_point) {
  if (code_point < 0x80) return code_point >= 'A' && code_point <= 'Z' ? code_point + 32 : code_point;
  static const std::vector<Fold> folds = RunReader(kLowerCaseRuns).read();
  return find(folds, code_point);
}

bool is_control_character(uint32_t code_point) {
  const auto* range = std::ranges::lower_bound(kControls, code_point, {}, &Range::last);
  return range != std::end(kControls) && code_point >= range->first;
}

}  // namespace chord::text
