#include "grammar/expression.h"

#include <algorithm>

namespace chord::grammar {
namespace {

bool is_digit(std::string_view text, size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

uint32_t take_number(std::string_view text, size_t& at, uint32_t limit) {
  uint64_t value = 0;
  for (; is_digit(text, at); ++at) {
    value = std::min<uint64_t>(value * 10 + static_cast<uint64_t>(text[at] - '0'), uint64_t{limit} + 1);
  }
  return static_cast<uint32_t>(value);
}

}  // namespace

uint32_t take_hex(std::string_view text, size_t& at, size_t count) {
  if (text.size() - at < count) return UINT32_MAX;
  uint32_t value = 0;
  for (const char c : text.substr(at, count)) {
    const char lower = static_cast<char>(c | 0x20);
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(lower >= 'a' && lower <= 'f')) return UINT32_MAX;
    value = value << 4 | static_cast<uint32_t>(digit ? c - '0' : lower - 'a' + 10);
  }
  at += count;
  return value;
}

bool take_bounds(std::string_view text, size_t& at, uint32_t limit, uint32_t& least, uint32_t& most) {
  const auto skip_spaces = [&] {
    while (at < text.size() && text[at] == ' ') ++at;
  };
  skip_spaces();
  if (!is_digit(text, at)) return false;
  least = most = take_number(text, at, limit);
  skip_spaces();
  if (at < text.size() && text[at] == ',') {
    ++at;
    skip_spaces();
    most = is_digit(text, at) ? take_number(text, at, limit) : kUnbounded;
    skip_spaces();
  }
  if (at == text.size() || text[at] != '}') return false;
  ++at;
  return true;
}

}  // namespace chord::grammar
