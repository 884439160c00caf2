#include "grammar/dfa.h"

#include <algorithm>

#include "base/heap_sort.h"
#include "grammar/expression.h"
#include "grammar/list_table.h"

namespace chord::grammar {
namespace {

// In place of a state of `b` where it has no transition.
constexpr uint32_t kSink = UINT32_MAX;

void add_transition(Dfa::State& state, uint32_t low, uint32_t high, uint32_t target) {
  auto& list = state.transitions;
  if (!list.empty() && list.back().target == target && list.back().high + 1 == low) {
    list.back().high = high;
  } else {
    list.push_back({low, high, target});
  }
}

// Inserts a transition for one character of a tree of texts, or finds the one that is there.
uint32_t branch(Dfa& dfa, uint32_t from, uint32_t character) {
  auto& list = dfa.states[from].transitions;
  const auto at = std::ranges::lower_bound(list, character, {}, &Dfa::Transition::low);
  if (at != list.end() && at->low == character) return at->target;
  const auto target = static_cast<uint32_t>(dfa.states.size());
  list.insert(at, {character, character, target});
  dfa.states.emplace_back();
  return target;
}

}  // namespace

std::unexpected<Error> dfa_too_large() {
  return fail(ErrorCode::unsupported_format, "it needs an automaton of more than ", Dfa::kMaxStates,
              " states; make its repetitions smaller");
}

Dfa any_text() {
  return {{{.accepting = true, .transitions = {{0, kLastCodePoint, 0}}}}};
}

Result<Dfa> texts_of_length(uint32_t least, uint32_t most) {
  const uint32_t last = most == kUnbounded ? least : most;
  if (last >= Dfa::kMaxStates) return dfa_too_large();
  Dfa dfa;
  dfa.states.resize(size_t{last} + 1);
  for (uint32_t i = 0; i <= last; ++i) {
    dfa.states[i].accepting = i >= least && least <= most;
    if (i < last) dfa.states[i].transitions = {{0, kLastCodePoint, i + 1}};
  }
  if (most == kUnbounded) dfa.states[last].transitions = {{0, kLastCodePoint, last}};
  return dfa;
}

Dfa one_of(const std::vector<std::string_view>& texts) {
  Dfa dfa{{{}}};
  for (std::string_view text : texts) {
    uint32_t state = 0;
    while (!text.empty()) state = branch(dfa, state, take_character(text));
    dfa.states[state].accepting = true;
  }
  return dfa;
}

Result<Dfa> intersection(const Dfa& a, const Dfa& b, bool without) {
  ListTable pairs;
  const auto pair = [&pairs](uint32_t of_a, uint32_t of_b) {
    const uint32_t both[] = {of_a, of_b};
    return pairs.intern(both);
  };
  pair(0, 0);
  Dfa out;
  for (uint32_t number = 0; number < pairs.size(); ++number) {
    if (number >= Dfa::kMaxStates) return dfa_too_large();
    const uint32_t of_a = pairs[number][0];
    const uint32_t of_b = pairs[number][1];
    const bool in_b = of_b != kSink && b.states[of_b].accepting;
    Dfa::State state{.accepting = a.states[of_a].accepting && in_b != without};
    static const std::vector<Dfa::Transition> none;
    const auto& theirs = of_b == kSink ? none : b.states[of_b].transitions;
    size_t j = 0;
    for (const Dfa::Transition& mine : a.states[of_a].transitions) {
      uint32_t low = mine.low;
      while (j < theirs.size() && theirs[j].high < low) ++j;
      for (size_t k = j; low <= mine.high; ++k) {
        const bool meets = k < theirs.size() && theirs[k].low <= mine.high;
        const uint32_t gap_end = meets ? theirs[k].low : mine.high + 1;
        if (without && low < gap_end) add_transition(state, low, gap_end - 1, pair(mine.target, kSink));
        if (!meets) break;
        low = std::max(low, theirs[k].low);
        const uint32_t high = std::min(mine.high, theirs[k].high);
        add_transition(state, low, high, pair(mine.target, theirs[k].target));
        low = high + 1;
      }
    }
    out.states.push_back(std::move(state));
  }
  return out;
}

Result<void> narrow(std::optional<Dfa>& language, Dfa more) {
  if (!language) {
    language = std::move(more);
    return {};
  }
  CHORD_ASSIGN(language, intersection(*language, more));
  return {};
}

bool matches(const Dfa& dfa, std::string_view text) {
  uint32_t state = 0;
  while (!text.empty()) {
    const uint32_t character = take_character(text);
    const auto& list = dfa.states[state].transitions;
    const auto next = std::ranges::find_if(
        list, [&](const Dfa::Transition& t) { return t.low <= character && character <= t.high; });
    if (next == list.end()) return false;
    state = next->target;
  }
  return dfa.states[state].accepting;
}

// Every state can be reached.
bool is_empty(const Dfa& dfa) {
  return std::ranges::none_of(dfa.states, &Dfa::State::accepting);
}

State add_dfa(Builder& builder, Characters& characters, const Dfa& dfa, Spelling spelling, State from) {
  std::vector<State> states;
  states.reserve(dfa.states.size());
  for (size_t i = 0; i < dfa.states.size(); ++i) states.push_back(builder.add_state());
  const State end = builder.add_state();
  builder.add_jump(from, states[0]);
  struct Way {
    uint32_t target;
    CodePointRange range;
  };
  for (size_t i = 0; i < dfa.states.size(); ++i) {
    if (dfa.states[i].accepting) builder.add_jump(states[i], end);
    std::vector<Way> ways;
    ways.reserve(dfa.states[i].transitions.size());
    for (const auto& [low, high, target] : dfa.states[i].transitions) ways.push_back({target, {low, high}});
    heap_sort(ways, [](const Way& way) { return uint64_t{way.target} << 32 | way.range.low; });
    for (size_t begin = 0; begin < ways.size();) {
      CodePoints set;
      size_t next = begin;
      for (; next < ways.size() && ways[next].target == ways[begin].target; ++next)
        set.push_back(ways[next].range);
      characters.add(states[i], normal(std::move(set)), spelling, states[ways[begin].target]);
      begin = next;
    }
  }
  return end;
}

}  // namespace chord::grammar
