#include "grammar/code_points.h"

#include <algorithm>

#include "base/heap_sort.h"

namespace chord::grammar {

CodePoints normal(CodePoints set) {
  heap_sort(set, &CodePointRange::low);
  CodePoints merged;
  merged.reserve(set.size());
  for (const CodePointRange& range : set) {
    if (!merged.empty() && range.low <= merged.back().high + 1) {
      merged.back().high = std::max(merged.back().high, range.high);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

CodePoints complement(const CodePoints& set) {
  CodePoints out;
  out.reserve(set.size() + 1);
  uint32_t next = 0;
  for (const CodePointRange& range : set) {
    if (range.low > next) out.push_back({next, range.low - 1});
    next = range.high + 1;
  }
  if (next <= kLastCodePoint) out.push_back({next, kLastCodePoint});
  return out;
}

CodePoints intersection(const CodePoints& a, const CodePoints& b) {
  CodePoints out;
  out.reserve(a.size() + b.size());
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const uint32_t low = std::max(a[i].low, b[j].low);
    const uint32_t high = std::min(a[i].high, b[j].high);
    if (low <= high) out.push_back({low, high});
    if (a[i].high < b[j].high) {
      ++i;
    } else {
      ++j;
    }
  }
  return out;
}

uint32_t take_character(std::string_view& text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const uint32_t more = lead < 0x80   ? 0
                        : lead < 0xC2 ? 4
                        : lead < 0xE0 ? 1
                        : lead < 0xF0 ? 2
                        : lead < 0xF5 ? 3
                                      : 4;
  if (more == 4 || text.size() <= more) {
    text.remove_prefix(1);
    return UINT32_MAX;
  }
  uint32_t value = more == 0 ? lead : lead & (0x3FU >> more);
  for (uint32_t i = 1; i <= more; ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xC0) != 0x80) {
      text.remove_prefix(1);
      return UINT32_MAX;
    }
    value = value << 6 | (byte & 0x3F);
  }
  text.remove_prefix(more + 1);
  constexpr uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  return value < kLeast[more] || value > kLastCodePoint || surrogate ? UINT32_MAX : value;
}

void append_character(uint32_t code_point, std::string& out) {
  const auto put = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
    return;
  }
  if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
  } else {
    if (code_point < 0x10000) {
      put(0xE0 | code_point >> 12);
    } else {
      put(0xF0 | code_point >> 18);
      put(0x80 | (code_point >> 12 & 0x3F));
    }
    put(0x80 | (code_point >> 6 & 0x3F));
  }
  put(0x80 | (code_point & 0x3F));
}

}  // namespace chord::grammar
