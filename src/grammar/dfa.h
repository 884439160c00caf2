// Regular sets of texts, as deterministic automata over characters.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "grammar/characters.h"
#include "grammar/code_points.h"

namespace chord::grammar {

struct Dfa {
  // An automaton that needs more is refused.
  static constexpr size_t kMaxStates = 1 << 15;

  struct Transition {
    uint32_t low;
    uint32_t high;
    uint32_t target;
  };
  struct State {
    bool accepting = false;
    std::vector<Transition> transitions = {};  // ascending, apart
  };
  std::vector<State> states;  // the first is where a text begins
};

Dfa any_text();
// Texts of `least` to `most` characters; `most` may be kUnbounded.
Result<Dfa> texts_of_length(uint32_t least, uint32_t most);
Dfa one_of(const std::vector<std::string_view>& texts);

// Texts that are in both; with `without`, those of `a` that are not in `b`.
Result<Dfa> intersection(const Dfa& a, const Dfa& b, bool without = false);

// Makes `language` what is in it and in `more`; nothing stands for all texts.
Result<void> narrow(std::optional<Dfa>& language, Dfa more);

bool matches(const Dfa& dfa, std::string_view text);
bool is_empty(const Dfa& dfa);

// Adds the texts behind the state `from`; returns the state behind them.
State add_dfa(Builder& builder, Characters& characters, const Dfa& dfa, Spelling spelling, State from);

std::unexpected<Error> dfa_too_large();

}  // namespace chord::grammar
