#include "grammar/program.h"

#include <algorithm>
#include <bitset>
#include <functional>

namespace chord::grammar {

Rule Builder::add_rule(std::string name) {
  names_.push_back(std::move(name));
  starts_.push_back(add_state());
  return static_cast<Rule>(starts_.size() - 1);
}

State Builder::add_state() {
  if (edges_.size() >= kMaxStates) {
    full_ = true;
    return static_cast<State>(edges_.size() - 1);
  }
  edges_.emplace_back();
  final_.push_back(0);
  return static_cast<State>(edges_.size() - 1);
}

void Builder::add(const Edge& edge, State from) {
  full_ = full_ || edge_count_ >= kMaxEdges;
  if (full_) return;
  edges_[from].push_back(edge);
  ++edge_count_;
}

State Builder::add_text(State from, std::string_view text) {
  for (const char c : text) {
    const State next = add_state();
    add_bytes(from, static_cast<uint8_t>(c), static_cast<uint8_t>(c), next);
    from = next;
  }
  return from;
}

// The least solution of: 0 at final states; over an edge, what it takes and its target. Dijkstra's algorithm,
// as D. E. Knuth generalised it to grammars (1977): lengths are settled in ascending order.
std::vector<uint32_t> Builder::shortest_of_states() const {
  struct Use {
    State from;
    uint32_t edge;
  };
  // Edges by what they wait for: their target, or the start of the rule that they call.
  std::vector<std::vector<Use>> uses(edges_.size());
  for (State state = 0; state < edges_.size(); ++state) {
    for (uint32_t i = 0; i < edges_[state].size(); ++i) {
      const Edge& edge = edges_[state][i];
      uses[edge.target].push_back({state, i});
      if (edge.kind == Edge::Kind::call) uses[starts_[edge.rule]].push_back({state, i});
    }
  }
  struct Item {
    uint32_t length;
    State state;
  };
  std::vector<uint32_t> shortest(edges_.size(), kNever);
  std::vector<uint8_t> settled(edges_.size(), 0);
  std::vector<Item> heap;
  const auto offer = [&](State state, uint32_t length) {
    if (length >= shortest[state]) return;
    shortest[state] = length;
    heap.push_back({length, state});
    std::ranges::push_heap(heap, std::ranges::greater(), &Item::length);
  };
  for (State state = 0; state < edges_.size(); ++state) {
    if (final_[state] != 0) offer(state, 0);
  }
  while (!heap.empty()) {
    std::ranges::pop_heap(heap, std::ranges::greater(), &Item::length);
    const State state = heap.back().state;
    heap.pop_back();
    if (settled[state] != 0) continue;
    settled[state] = 1;
    for (const Use& use : uses[state]) {
      const Edge& edge = edges_[use.from][use.edge];
      if (settled[edge.target] == 0) continue;
      uint32_t taken = edge.kind == Edge::Kind::bytes ? 1 : 0;
      if (edge.kind == Edge::Kind::call) {
        if (settled[starts_[edge.rule]] == 0) continue;
        taken = shortest[starts_[edge.rule]];
      }
      offer(use.from, add_lengths(taken, shortest[edge.target]));
    }
  }
  return shortest;
}

std::vector<uint32_t> Builder::shortest_texts() const {
  const std::vector<uint32_t> of_states = shortest_of_states();
  std::vector<uint32_t> lengths(starts_.size());
  for (Rule rule = 0; rule < starts_.size(); ++rule) lengths[rule] = of_states[starts_[rule]];
  return lengths;
}

void Builder::drop_dead_ends(const std::vector<uint32_t>& shortest) {
  for (auto& edges : edges_) {
    std::erase_if(edges, [&](const Edge& edge) {
      return shortest[edge.target] == kNever ||
             (edge.kind == Edge::Kind::call && shortest[starts_[edge.rule]] == kNever);
    });
  }
}

Result<void> Builder::check_left_recursion(const std::vector<uint32_t>& shortest) const {
  // The rules that each rule may call before its first byte.
  std::vector<std::vector<Rule>> called(starts_.size());
  std::vector<Rule> seen_for(edges_.size(), kNever);
  for (Rule rule = 0; rule < starts_.size(); ++rule) {
    std::vector<State> pending = {starts_[rule]};
    seen_for[starts_[rule]] = rule;
    while (!pending.empty()) {
      const State state = pending.back();
      pending.pop_back();
      for (const Edge& edge : edges_[state]) {
        if (edge.kind == Edge::Kind::bytes) continue;
        if (edge.kind == Edge::Kind::call) {
          called[rule].push_back(edge.rule);
          if (shortest[starts_[edge.rule]] != 0) continue;
        }
        if (seen_for[edge.target] == rule) continue;
        seen_for[edge.target] = rule;
        pending.push_back(edge.target);
      }
    }
  }
  enum class Visit : uint8_t { none, open, done };
  std::vector<Visit> visits(starts_.size(), Visit::none);
  struct Open {
    Rule rule;
    size_t next;
  };
  for (Rule first = 0; first < starts_.size(); ++first) {
    if (visits[first] != Visit::none) continue;
    std::vector<Open> path = {{first, 0}};
    visits[first] = Visit::open;
    while (!path.empty()) {
      Open& top = path.back();
      if (top.next == called[top.rule].size()) {
        visits[top.rule] = Visit::done;
        path.pop_back();
        continue;
      }
      const Rule rule = called[top.rule][top.next++];
      if (visits[rule] == Visit::open) {
        return fail(
            ErrorCode::invalid_argument, "the rule \"", names_[rule],
            "\" can begin with itself; write it so that something comes before it calls itself again");
      }
      if (visits[rule] == Visit::none) {
        visits[rule] = Visit::open;
        path.push_back({rule, 0});
      }
    }
  }
  return {};
}

// States that do nothing but jump on are left out, so that a step has fewer of them to pass.
void Builder::skip_jumps() {
  const auto resolved = [this](State state) {
    // A ring of jumps would have been a dead end.
    while (final_[state] == 0 && edges_[state].size() == 1 && edges_[state][0].kind == Edge::Kind::jump) {
      state = edges_[state][0].target;
    }
    return state;
  };
  for (auto& edges : edges_) {
    for (Edge& edge : edges) edge.target = resolved(edge.target);
  }
  for (State& start : starts_) start = resolved(start);
}

Result<Program> Builder::finish(Rule root) {
  if (full_) {
    return fail(ErrorCode::invalid_argument, "the grammar needs more than ", kMaxStates, " states or ",
                kMaxEdges, " steps between them; make it smaller, first of all its repetitions");
  }
  const std::vector<uint32_t> shortest = shortest_of_states();
  if (shortest[starts_[root]] == kNever) {
    return fail(ErrorCode::invalid_argument, "the grammar matches no text at all: it never comes to an end");
  }
  drop_dead_ends(shortest);
  CHORD_CHECK(check_left_recursion(shortest));
  skip_jumps();

  Program program;
  program.edges_.reserve(edge_count_);
  program.first_edge_.reserve(edges_.size() + 1);
  std::bitset<257> begins;  // of byte classes
  for (const auto& edges : edges_) {
    program.first_edge_.push_back(static_cast<uint32_t>(program.edges_.size()));
    for (const Edge& edge : edges) {
      program.edges_.push_back(edge);
      if (edge.kind != Edge::Kind::bytes) continue;
      begins.set(edge.low);
      begins.set(size_t{edge.high} + 1);
    }
  }
  program.first_edge_.push_back(static_cast<uint32_t>(program.edges_.size()));
  begins.reset(0);
  uint8_t number = 0;
  for (size_t byte = 0; byte < 256; ++byte) {
    if (begins.test(byte)) ++number;
    program.class_of_[byte] = number;
  }
  program.class_count_ = uint32_t{number} + 1;
  program.starts_ = starts_;
  program.final_ = final_;
  program.shortest_ = shortest;
  program.root_ = starts_[root];
  return program;
}

}  // namespace chord::grammar
