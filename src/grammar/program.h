// A grammar as a machine over bytes: rules that call each other, each of them a small automaton.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace chord::grammar {

using State = uint32_t;
using Rule = uint32_t;

struct Edge {
  enum class Kind : uint8_t {
    bytes,  // one byte of [low, high]
    call,   // what `rule` matches
    jump,   // nothing
  };
  Kind kind;
  uint8_t low;
  uint8_t high;
  Rule rule;
  State target;
};

// What no text can satisfy.
inline constexpr uint32_t kNever = UINT32_MAX;

// a + b, with kNever above all.
constexpr uint32_t add_lengths(uint32_t a, uint32_t b) {
  return a > kNever - b ? kNever : a + b;
}

// Every state that can be reached can also come to the end of its rule: a text that was accepted so far can
// always be completed. No rule calls itself before its first byte, so a state has finitely many continuations
// per byte.
class Program {
 public:
  std::span<const Edge> edges(State state) const {
    return std::span(edges_).subspan(first_edge_[state], first_edge_[state + 1] - first_edge_[state]);
  }
  State start(Rule rule) const { return starts_[rule]; }
  State root() const { return root_; }
  bool is_final(State state) const { return final_[state] != 0; }
  // Bytes from this state to the end of its rule, at least.
  uint32_t shortest(State state) const { return shortest_[state]; }
  // Bytes of one class lead to the same states everywhere.
  uint32_t class_of(uint8_t byte) const { return class_of_[byte]; }
  uint32_t class_count() const { return class_count_; }
  uint32_t state_count() const { return static_cast<uint32_t>(shortest_.size()); }

 private:
  friend class Builder;
  std::vector<Edge> edges_;
  std::vector<uint32_t> first_edge_;  // by state, and one more
  std::vector<State> starts_;         // by rule
  std::vector<uint8_t> final_;
  std::vector<uint32_t> shortest_;
  std::array<uint8_t, 256> class_of_{};
  uint32_t class_count_ = 0;
  State root_ = 0;
};

class Builder {
 public:
  // A grammar that needs more is refused by finish(); what is added beyond is forgotten.
  static constexpr size_t kMaxStates = 1 << 18;
  static constexpr size_t kMaxEdges = 1 << 20;

  // The name is for messages.
  Rule add_rule(std::string name);
  State start(Rule rule) const { return starts_[rule]; }
  const std::string& name(Rule rule) const { return names_[rule]; }

  State add_state();
  void add_bytes(State from, uint8_t low, uint8_t high, State to) {
    add({Edge::Kind::bytes, low, high, 0, to}, from);
  }
  void add_call(State from, Rule rule, State to) { add({Edge::Kind::call, 0, 0, rule, to}, from); }
  void add_jump(State from, State to) { add({Edge::Kind::jump, 0, 0, 0, to}, from); }
  // The bytes of `text`, one after the other; returns the state behind them.
  State add_text(State from, std::string_view text);
  void set_final(State state) { final_[state] = 1; }

  // Whether it is too large already: loops that add need not go on.
  bool full() const { return full_; }

  // Bytes of the shortest text of each rule; kNever: there is none.
  std::vector<uint32_t> shortest_texts() const;

  // invalid_argument: the grammar is too large, matches nothing, or has a rule that begins with itself.
  Result<Program> finish(Rule root);

 private:
  void add(const Edge& edge, State from);
  std::vector<uint32_t> shortest_of_states() const;
  void drop_dead_ends(const std::vector<uint32_t>& shortest);
  Result<void> check_left_recursion(const std::vector<uint32_t>& shortest) const;
  void skip_jumps();

  std::vector<std::vector<Edge>> edges_;  // by state
  std::vector<uint8_t> final_;
  std::vector<State> starts_;
  std::vector<std::string> names_;
  size_t edge_count_ = 0;
  bool full_ = false;
};

}  // namespace chord::grammar
