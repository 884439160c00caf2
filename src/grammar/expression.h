// What grammars and regular expressions have in common: characters, one after the other, alternatives,
// repetitions.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "grammar/code_points.h"

namespace chord::grammar {

inline constexpr uint32_t kUnbounded = UINT32_MAX;
// Parentheses within parentheses.
inline constexpr uint32_t kMaxNesting = 200;
// The bounds that a repetition may state.
inline constexpr uint32_t kMaxRepetition = 100'000;

struct Expression {
  enum class Kind : uint8_t {
    characters,  // one of `set`
    sequence,    // `parts`, one after the other
    choice,      // one of `parts`
    repeat,      // parts[0], `least` to `most` times
    rule,        // what the rule number `least` matches
    begin,       // nothing, at the beginning of the text
    end,         // nothing, at its end
  };
  Kind kind;
  uint32_t least = 0;
  uint32_t most = 0;
  CodePoints set = {};
  std::vector<uint32_t> parts = {};
};

// Expressions that refer to each other by number.
using Expressions = std::vector<Expression>;

inline uint32_t add_expression(Expressions& all, Expression expression) {
  all.push_back(std::move(expression));
  return static_cast<uint32_t>(all.size() - 1);
}

// Adds what matches an expression behind the state `from`; returns the state behind it. No edge leads back to
// `from`. A machine has add_state(), add_jump(from, to), full(), and add_leaf(expression, from, to) for the
// kinds that have no parts.
template <class Machine>
uint32_t emit(const Expressions& all, uint32_t number, uint32_t from, Machine& machine) {
  const Expression& expression = all[number];
  switch (expression.kind) {
    case Expression::Kind::sequence:
      for (const uint32_t part : expression.parts) from = emit(all, part, from, machine);
      return from;
    case Expression::Kind::choice: {
      const uint32_t end = machine.add_state();
      for (const uint32_t part : expression.parts) machine.add_jump(emit(all, part, from, machine), end);
      return end;
    }
    case Expression::Kind::repeat: {
      const uint32_t part = expression.parts[0];
      for (uint32_t i = 0; i < expression.least && !machine.full(); ++i)
        from = emit(all, part, from, machine);
      const uint32_t end = machine.add_state();
      if (expression.most == kUnbounded) {
        machine.add_jump(from, end);
        machine.add_jump(emit(all, part, end, machine), end);
        return end;
      }
      for (uint32_t i = expression.least; i < expression.most && !machine.full(); ++i) {
        machine.add_jump(from, end);
        from = emit(all, part, from, machine);
      }
      machine.add_jump(from, end);
      return end;
    }
    default: {
      const uint32_t end = machine.add_state();
      machine.add_leaf(expression, from, end);
      return end;
    }
  }
}

// Digits in a text: `count` of them, hexadecimal; UINT32_MAX if there are fewer. Moves `at` behind them.
uint32_t take_hex(std::string_view text, size_t& at, size_t count);

// The numbers of "{m}", "{m,}" and "{m,n}" from behind the brace to behind the other; false: it is no such
// thing. Numbers are cut at `limit` + 1.
bool take_bounds(std::string_view text, size_t& at, uint32_t limit, uint32_t& least, uint32_t& most);

}  // namespace chord::grammar
