// Sets of characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chord::grammar {

inline constexpr uint32_t kLastCodePoint = 0x10FFFF;

struct CodePointRange {
  uint32_t low;
  uint32_t high;  // the last one, not past it
  bool operator==(const CodePointRange&) const = default;
};

// Normal: ascending, with gaps between the ranges.
using CodePoints = std::vector<CodePointRange>;

CodePoints normal(CodePoints set);
// Of normal sets.
CodePoints complement(const CodePoints& set);
CodePoints intersection(const CodePoints& a, const CodePoints& b);

// Takes one character off the front of `text`, which is not empty. UINT32_MAX: its bytes are not UTF-8 (RFC
// 3629).
uint32_t take_character(std::string_view& text);
void append_character(uint32_t code_point, std::string& out);

}  // namespace chord::grammar
