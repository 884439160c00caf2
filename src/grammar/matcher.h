// Follows a text through a program, byte by byte.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "grammar/list_table.h"
#include "grammar/program.h"

namespace chord::grammar {

// All the ways in which a text so far can be read, as a number: equal ones have equal numbers, so that what
// was found out about one can be kept. A way is a stack of places: in a rule, in the rule that called it, and
// so on.
//
// Positions are made as they are needed, like the states of a lazy DFA, and live until trim().
class Matcher {
 public:
  using Position = uint32_t;
  static constexpr Position kDead = 0;  // the text is not the beginning of any that matches

  // The program must outlive the matcher.
  explicit Matcher(const Program& program);

  Position start() const { return start_; }
  Position step(Position position, uint8_t byte);
  Position step(Position position, std::string_view bytes);

  // Whether the text may end here.
  bool is_complete(Position position) const { return facts_[position].complete; }
  // Bytes that are still needed, at least.
  uint32_t shortest(Position position) const { return facts_[position].shortest; }

  uint32_t position_count() const { return positions_.size(); }

  // Whether a step had too many ways (the grammar is too ambiguous), or there were too many positions at a
  // time. Such a step led to kDead.
  bool overflowed() const { return overflowed_; }

  // Forgets everything but `position` if that much has gathered; returns its new number, and whether numbers
  // changed.
  struct Kept {
    Position position;
    bool changed;
  };
  Kept trim(Position position);

 private:
  // Of one position, and of one between two calls of trim().
  static constexpr uint32_t kMaxWays = 1 << 13;
  static constexpr uint32_t kMaxPositions = 1 << 17;
  static constexpr uint32_t kKeptPositions = 1 << 14;

  struct Facts {
    uint32_t shortest;
    bool complete;
  };

  void forget();
  uint32_t push(State state, uint32_t below);
  Position close();
  void enter(State state, uint32_t below);

  const Program* program_;
  uint32_t class_count_;

  // Stacks by number: a state and the stack below it, to which to return at the end of the rule. 0 is the
  // empty one.
  ListTable stacks_;
  std::vector<uint32_t> stack_shortest_;
  std::vector<uint32_t> stack_marks_;
  uint32_t mark_ = 0;

  // Positions: the stacks whose states have edges over bytes, ascending; first of all whether the text is
  // complete.
  ListTable positions_;
  std::vector<Facts> facts_;
  std::vector<Position> steps_;  // by position and byte class
  Position start_ = kDead;
  bool overflowed_ = false;

  std::vector<uint32_t> pending_;  // reused by step
  std::vector<uint32_t> ways_;
};

}  // namespace chord::grammar
