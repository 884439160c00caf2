#include "grammar/decimal.h"

#include <algorithm>
#include <array>

namespace chord::grammar {
namespace {

constexpr int32_t kMaxDigits = 400;
// States for the remainders of a division, at most.
constexpr uint64_t kMaxRemainders = 16'384;

// How a number stands to a bound.
enum class Order : uint8_t { below, equal, above };
using Orders = std::array<bool, 3>;

void add_digit(Dfa& dfa, uint32_t from, uint32_t digit, uint32_t target) {
  dfa.states[from].transitions.push_back({'0' + digit, '0' + digit, target});
}

uint32_t add_state(Dfa& dfa, bool accepting) {
  dfa.states.push_back({.accepting = accepting});
  return static_cast<uint32_t>(dfa.states.size() - 1);
}

// Numbers without a sign whose order to whole.fraction is one of `wanted`. Digit by digit: as long as all
// were equal the next one decides, unless the count of digits before the point does.
class Comparison {
 public:
  Comparison(const Decimal& bound, const Orders& wanted) : bound_(bound), wanted_(wanted) {}

  // Adds the states to `dfa`; returns the first.
  uint32_t add_to(Dfa& dfa) {
    const auto length = static_cast<uint32_t>(bound_.whole.size());
    // Behind the point.
    uint32_t decided[3] = {};
    for (const Order order : {Order::below, Order::equal, Order::above}) {
      decided[index(order)] = add_state(dfa, wants(order));
      if (order == Order::equal) continue;
      const uint32_t state = decided[index(order)];
      dfa.states[state].transitions = {{'0', '9', state}};
    }
    uint32_t next = decided[index(Order::equal)];  // all digits of the fraction were equal: zeros leave it so
    add_comparison(dfa, next, '0', decided, next);
    for (size_t i = bound_.fraction.size(); i-- > 0;) {
      const uint32_t state = add_state(dfa, wants(Order::below));
      add_comparison(dfa, state, bound_.fraction[i], decided, next);
      next = state;
    }
    const uint32_t points[3] = {decided[0], next, decided[2]};

    // Before it: `order` is that of the digits so far to as many of the bound. Longer numbers are above.
    const auto add_whole = [&](Order order) {
      const bool fraction_left = order == Order::equal && !bound_.fraction.empty();
      const uint32_t state = add_state(dfa, wants(fraction_left ? Order::below : order));
      dfa.states[state].transitions = {{'.', '.', points[index(order)]}};
      return state;
    };
    const uint32_t longer = add_whole(Order::above);
    dfa.states[longer].transitions.push_back({'0', '9', longer});
    uint32_t of_order[3] = {add_whole(Order::below), add_whole(Order::equal), longer};
    if (length > 0) of_order[2] = add_whole(Order::above);
    for (const uint32_t state : {of_order[0], of_order[1], of_order[2]}) {
      if (state != longer) dfa.states[state].transitions.push_back({'0', '9', longer});
    }
    for (uint32_t count = length; count-- > 1;) {
      uint32_t before[3] = {};
      for (const Order order : {Order::below, Order::equal, Order::above}) {
        const uint32_t state = add_whole(Order::below);  // shorter than the bound
        before[index(order)] = state;
        if (order == Order::equal) {
          add_comparison(dfa, state, bound_.whole[count], of_order, of_order[1]);
        } else {
          dfa.states[state].transitions.push_back({'0', '9', of_order[index(order)]});
        }
      }
      std::ranges::copy(before, of_order);
    }
    // The first digit: 0 stands alone.
    const uint32_t first = add_state(dfa, false);
    const uint32_t zero = add_whole(length == 0 ? Order::equal : Order::below);
    add_digit(dfa, first, 0, zero);
    for (uint32_t digit = 1; digit < 10; ++digit) {
      const Order order = length == 0 ? Order::above : compare(digit, bound_.whole[0]);
      add_digit(dfa, first, digit, of_order[index(order)]);
    }
    return first;
  }

 private:
  static size_t index(Order order) { return static_cast<size_t>(order); }
  bool wants(Order order) const { return wanted_[index(order)]; }
  static Order compare(uint32_t digit, char other) {
    const uint32_t value = static_cast<uint32_t>(other - '0');
    return digit < value ? Order::below : digit > value ? Order::above : Order::equal;
  }
  static void add_comparison(Dfa& dfa, uint32_t from, char digit, const uint32_t (&decided)[3],
                             uint32_t equal) {
    for (uint32_t d = 0; d < 10; ++d) {
      const Order order = compare(d, digit);
      add_digit(dfa, from, d, order == Order::equal ? equal : decided[index(order)]);
    }
  }

  const Decimal& bound_;
  Orders wanted_;
};

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view number) {
  Decimal decimal;
  decimal.negative = number.starts_with('-');
  if (decimal.negative) number.remove_prefix(1);
  int32_t exponent = 0;
  if (const size_t at = number.find_first_of("eE"); at != std::string_view::npos) {
    std::string_view digits = number.substr(at + 1);
    const bool down = digits.starts_with('-');
    if (down || digits.starts_with('+')) digits.remove_prefix(1);
    for (const char c : digits) exponent = std::min(exponent * 10 + (c - '0'), 100'000);
    if (down) exponent = -exponent;
    number = number.substr(0, at);
  }
  const size_t point = std::min(number.find('.'), number.size());
  std::string digits(number.substr(0, point));
  if (point < number.size()) digits += number.substr(point + 1);
  // How many of the digits are before the point.
  auto whole = static_cast<int64_t>(point) + exponent;
  const size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, zeros);
  whole -= static_cast<int64_t>(zeros);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.empty()) return decimal;
  const auto count = static_cast<int64_t>(digits.size());
  if (whole > kMaxDigits || count - whole > kMaxDigits) return std::nullopt;
  if (whole <= 0) {
    decimal.fraction = std::string(static_cast<size_t>(-whole), '0') + digits;
  } else if (whole >= count) {
    decimal.whole = digits + std::string(static_cast<size_t>(whole - count), '0');
  } else {
    decimal.whole = digits.substr(0, static_cast<size_t>(whole));
    decimal.fraction = digits.substr(static_cast<size_t>(whole));
  }
  return decimal;
}

std::string plain_number(std::string_view number) {
  const auto decimal = parse_decimal(number);
  if (!decimal) return std::string(number);
  if (decimal->is_zero()) return "0";
  std::string out = decimal->negative ? "-" : "";
  out += decimal->whole.empty() ? "0" : decimal->whole;
  if (!decimal->fraction.empty()) out += "." + decimal->fraction;
  return out;
}

Dfa numbers_beside(const Decimal& bound, Bound side) {
  const bool up = side == Bound::at_least || side == Bound::above;
  const bool touches = side == Bound::at_least || side == Bound::at_most;
  Dfa dfa{{{}}};
  // Numbers of the bound's own sign are compared with it, the others are all on one side; and both signs have
  // a zero.
  const auto add_sign = [&](bool negative) {
    const bool outwards = up != negative;  // towards larger magnitudes
    if (negative == bound.negative || bound.is_zero()) {
      return Comparison(bound, {!outwards, touches, outwards}).add_to(dfa);
    }
    // With a bound on the other side of zero: everything, or nothing, of this sign; but zero itself has two.
    static const Decimal zero;
    return Comparison(zero, {false, outwards, outwards}).add_to(dfa);
  };
  const uint32_t positive = add_sign(false);
  const uint32_t negative = add_sign(true);
  dfa.states[0].transitions = {{'-', '-', negative}};
  const auto& first = dfa.states[positive].transitions;
  dfa.states[0].transitions.insert(dfa.states[0].transitions.end(), first.begin(), first.end());
  return dfa;
}

Result<Dfa> multiples_of(const Decimal& divisor) {
  const std::string digits = divisor.whole + divisor.fraction;
  const auto places = static_cast<uint32_t>(divisor.fraction.size());
  uint64_t value = 0;
  for (const char c : digits)
    value = std::min(value * 10 + static_cast<uint64_t>(c - '0'), kMaxRemainders + 1);
  if (value * (places + 2) > kMaxRemainders) {
    return fail(ErrorCode::unsupported_format,
                "multiples of a number with so many digits cannot be enforced");
  }
  const auto modulus = static_cast<uint32_t>(std::max<uint64_t>(value, 1));
  // Remainders before the point, and behind each digit after it: a number of p places is a multiple if its
  // digits, with zeros up to `places`, are one of the divisor's.
  const auto state = [modulus](uint32_t place, uint32_t remainder) {
    return 2 + place * modulus + remainder;
  };
  Dfa dfa;
  dfa.states.resize(size_t{2} + size_t{places + 2} * modulus);
  uint32_t scale = 1;
  for (uint32_t place = places + 2; place-- > 0;) {
    if (place != 0 && place != places + 1) scale = scale * 10 % modulus;
    for (uint32_t remainder = 0; remainder < modulus; ++remainder) {
      Dfa::State& from = dfa.states[state(place, remainder)];
      // Place 0: before the point; 1: behind it, without a digit yet.
      from.accepting = place != 1 && uint64_t{remainder} * scale % modulus == 0;
      if (place == 0 && places > 0) from.transitions.push_back({'.', '.', state(1, remainder)});
      if (place == places + 1) continue;
      for (uint32_t digit = 0; digit < 10; ++digit) {
        const uint32_t next = (remainder * 10 + digit) % modulus;
        from.transitions.push_back({'0' + digit, '0' + digit, state(place == 0 ? 0 : place + 1, next)});
      }
    }
  }
  // A sign, and then the first digit.
  for (uint32_t digit = 0; digit < 10; ++digit) {
    const Dfa::Transition first{'0' + digit, '0' + digit, state(0, digit % modulus)};
    dfa.states[0].transitions.push_back(first);
    dfa.states[1].transitions.push_back(first);
  }
  dfa.states[0].transitions.insert(dfa.states[0].transitions.begin(), {'-', '-', 1});
  return dfa;
}

}  // namespace chord::grammar
