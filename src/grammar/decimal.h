// Numbers of JSON by their digits, and sets of them as automata.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "grammar/dfa.h"

namespace chord::grammar {

struct Decimal {
  bool negative = false;
  std::string whole = {};     // no zeros in front: "" is 0
  std::string fraction = {};  // no zeros behind

  bool is_zero() const { return whole.empty() && fraction.empty(); }
};

// Of a JSON number; nothing for one with more than 400 digits before or behind the point.
std::optional<Decimal> parse_decimal(std::string_view number);

// The number without an exponent or needless zeros, "-12.5"; as it is written where it has too many digits.
std::string plain_number(std::string_view number);

// What numbers are written with here: digits before and behind the point, and of an exponent, at most. Every
// number is finite as a double.
inline constexpr uint32_t kMaxWholeDigits = 20;
inline constexpr uint32_t kMaxFractionDigits = 20;
inline constexpr std::string_view kNumberPattern = R"(^-?(0|[1-9]\d{0,19})(\.\d{1,20})?([eE][+-]?\d{1,2})?$)";
inline constexpr std::string_view kPlainNumberPattern = R"(^-?(0|[1-9]\d{0,19})(\.\d{1,20})?$)";
// Integers, also as numbers with a fraction of 0.
inline constexpr std::string_view kIntegralPattern = R"(^-?(0|[1-9]\d{0,19})(\.0{1,20})?$)";
inline constexpr std::string_view kIntegerPattern = R"(^-?(0|[1-9]\d{0,19})$)";

enum class Bound : uint8_t { at_least, above, at_most, below };

// The numbers on one side of `bound`, written without an exponent.
Dfa numbers_beside(const Decimal& bound, Bound side);

// The multiples of `divisor`, written without an exponent. unsupported_format: it has too many digits.
Result<Dfa> multiples_of(const Decimal& divisor);

}  // namespace chord::grammar
