#include "grammar/matcher.h"

#include <algorithm>

#include "base/heap_sort.h"

namespace chord::grammar {
namespace {

constexpr uint32_t kUnknown = UINT32_MAX;

}  // namespace

Matcher::Matcher(const Program& program) : program_(&program), class_count_(program.class_count()) {
  forget();
}

void Matcher::forget() {
  stacks_.clear();
  stack_shortest_.clear();
  stack_marks_.clear();
  positions_.clear();
  facts_.clear();
  steps_.clear();
  mark_ = 0;
  // The empty stack, and the position that nothing leads on from.
  stacks_.intern({});
  stack_shortest_.push_back(0);
  stack_marks_.push_back(0);
  ways_.clear();
  pending_.clear();
  close();
  ++mark_;
  enter(program_->root(), 0);
  start_ = close();
}

uint32_t Matcher::push(State state, uint32_t below) {
  const uint32_t both[] = {state, below};
  const uint32_t stack = stacks_.intern(both);
  if (stack == stack_shortest_.size()) {
    stack_shortest_.push_back(add_lengths(program_->shortest(state), stack_shortest_[below]));
    stack_marks_.push_back(0);
  }
  return stack;
}

// Notes that a way leads to this stack.
void Matcher::enter(State state, uint32_t below) {
  const uint32_t stack = push(state, below);
  if (stack_marks_[stack] == mark_) return;
  stack_marks_[stack] = mark_;
  pending_.push_back(stack);
}

// Follows pending stacks to where they need bytes; the position of all of them.
Matcher::Position Matcher::close() {
  bool complete = false;
  uint32_t shortest = kNever;
  for (size_t next = 0; next < pending_.size(); ++next) {
    if (pending_.size() > kMaxWays) {
      overflowed_ = true;
      ways_.clear();
      pending_.clear();
      return kDead;
    }
    const uint32_t stack = pending_[next];
    const State state = stacks_[stack][0];
    const uint32_t below = stacks_[stack][1];
    bool takes_bytes = false;
    for (const Edge& edge : program_->edges(state)) {
      switch (edge.kind) {
        case Edge::Kind::bytes:
          takes_bytes = true;
          break;
        case Edge::Kind::jump:
          enter(edge.target, below);
          break;
        case Edge::Kind::call: {
          // Nothing to return to where the caller has nothing left to do: recursion to the right needs no
          // stack.
          const bool last = program_->is_final(edge.target) && program_->edges(edge.target).empty();
          enter(program_->start(edge.rule), last ? below : push(edge.target, below));
          break;
        }
      }
    }
    if (program_->is_final(state)) {
      if (below == 0) {
        complete = true;
      } else {
        enter(stacks_[below][0], stacks_[below][1]);
      }
    }
    shortest = std::min(shortest, stack_shortest_[stack]);
    if (takes_bytes) ways_.push_back(stack);
  }
  pending_.clear();
  heap_sort(ways_);
  // As an item of the list, so that complete and incomplete ones differ.
  ways_.push_back(complete ? 1 : 0);
  const Position position = positions_.intern(ways_);
  ways_.clear();
  if (position == facts_.size()) {
    facts_.push_back({complete ? 0 : shortest, complete});
    steps_.resize(steps_.size() + class_count_, kUnknown);
  }
  return position;
}

Matcher::Position Matcher::step(Position position, uint8_t byte) {
  const size_t known = size_t{position} * class_count_ + program_->class_of(byte);
  if (steps_[known] != kUnknown) return steps_[known];
  if (positions_.size() > kMaxPositions) {
    overflowed_ = true;
    return kDead;
  }
  ++mark_;
  const size_t count = positions_[position].size() - 1;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t stack = positions_[position][i];
    const State state = stacks_[stack][0];
    const uint32_t below = stacks_[stack][1];
    for (const Edge& edge : program_->edges(state)) {
      if (edge.kind == Edge::Kind::bytes && edge.low <= byte && byte <= edge.high) enter(edge.target, below);
    }
  }
  const Position next = close();
  if (!overflowed_) steps_[known] = next;
  return next;
}

Matcher::Position Matcher::step(Position position, std::string_view bytes) {
  for (const char c : bytes) {
    if (position == kDead) break;
    position = step(position, static_cast<uint8_t>(c));
  }
  return position;
}

Matcher::Kept Matcher::trim(Position position) {
  if (positions_.size() <= kKeptPositions) return {position, false};
  // The stacks of the position, each from the bottom.
  std::vector<std::vector<State>> kept;
  const auto stacks = positions_[position];
  for (size_t i = 0; i + 1 < stacks.size(); ++i) {
    std::vector<State>& states = kept.emplace_back();
    for (uint32_t stack = stacks[i]; stack != 0; stack = stacks_[stack][1])
      states.push_back(stacks_[stack][0]);
  }
  const bool complete = is_complete(position);
  forget();
  uint32_t shortest = kNever;
  for (const auto& states : kept) {
    uint32_t stack = 0;
    for (auto state = states.rbegin(); state != states.rend(); ++state) stack = push(*state, stack);
    shortest = std::min(shortest, stack_shortest_[stack]);
    ways_.push_back(stack);
  }
  heap_sort(ways_);
  ways_.push_back(complete ? 1 : 0);
  const Position again = positions_.intern(ways_);
  ways_.clear();
  if (again == facts_.size()) {
    facts_.push_back({complete ? 0 : shortest, complete});
    steps_.resize(steps_.size() + class_count_, kUnknown);
  }
  return {again, true};
}

}  // namespace chord::grammar
