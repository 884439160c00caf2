#include "plan/cut.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "plan/operands.h"

namespace chord::plan {
namespace {

constexpr size_t kNowhere = SIZE_MAX;

// Where each value is written and where it is read last, as indices of ops.
struct Life {
  std::vector<size_t> written;
  std::vector<size_t> read;
};

Life life_of_values(const Plan& plan) {
  Life life = {.written = std::vector<size_t>(plan.values.size(), kNowhere),
               .read = std::vector<size_t>(plan.values.size(), 0)};
  for (size_t i = 0; i < plan.ops.size(); ++i) {
    for (const Value x : inputs(plan.ops[i])) life.read[x.id] = i;
    if (const auto out = output(plan.ops[i])) life.written[out->id] = i;
  }
  // Read from outside, when the last part is done.
  for (const auto& result : {plan.logits, plan.embeddings}) {
    if (result) life.read[result->id] = plan.ops.size();
  }
  return life;
}

// The value that alone crosses into the ops from `position` on, if there is such a one.
std::optional<Value> crossing(const Plan& plan, const Life& life, size_t position) {
  std::optional<Value> only;
  for (uint32_t id = 0; id < plan.values.size(); ++id) {
    if (life.written[id] == kNowhere || life.written[id] >= position || life.read[id] < position) continue;
    const bool hidden = plan.values[id].rows == Rows::tokens && plan.values[id].element == Element::f32;
    if (only || !hidden) return std::nullopt;
    only = Value{id};
  }
  return only;
}

// The store and rope settings of an op, as the part numbers them.
class Renumbering {
 public:
  Renumbering(const Plan& whole, Plan& part)
      : whole_(whole), part_(part), stores_(whole.stores.size()), ropes_(whole.rope_settings.size()) {}

  Op operator()(Op op) {
    if (auto* stored = std::get_if<StoreKv>(&op)) stored->store = renumber(stored->store);
    if (auto* attention = std::get_if<Attention>(&op)) attention->store = renumber(attention->store);
    if (auto* rope = std::get_if<Rope>(&op)) {
      rope->settings = take(ropes_, rope->settings, whole_.rope_settings, part_.rope_settings);
    }
    return op;
  }

 private:
  Store renumber(Store store) { return {take(stores_, store.id, whole_.stores, part_.stores)}; }

  template <class T>
  static uint32_t take(std::vector<std::optional<uint32_t>>& numbers, uint32_t id, const std::vector<T>& from,
                       std::vector<T>& to) {
    if (!numbers[id]) {
      numbers[id] = static_cast<uint32_t>(to.size());
      to.push_back(from[id]);
    }
    return *numbers[id];
  }

  const Plan& whole_;
  Plan& part_;
  std::vector<std::optional<uint32_t>> stores_;
  std::vector<std::optional<uint32_t>> ropes_;
};

// Ops [begin, end), between the value that enters and the one that leaves.
Plan part_of(const Plan& plan, size_t begin, size_t end, std::optional<Value> enters,
             std::optional<Value> leaves) {
  Plan part;
  part.values = plan.values;
  part.weights = plan.weights;
  if (enters) part.ops.emplace_back(Input{.name = kHiddenInput, .out = *enters});
  std::transform(plan.ops.begin() + static_cast<ptrdiff_t>(begin),
                 plan.ops.begin() + static_cast<ptrdiff_t>(end), std::back_inserter(part.ops),
                 Renumbering(plan, part));
  if (leaves) {
    const Value out = {static_cast<uint32_t>(part.values.size())};
    part.values.push_back({.rows = Rows::outputs, .columns = plan[*leaves].columns, .element = Element::f32});
    part.ops.emplace_back(SelectRows{.x = *leaves, .out = out});
    part.embeddings = out;
  } else {
    part.logits = plan.logits;
    part.embeddings = plan.embeddings;
  }
  return part;
}

}  // namespace

std::vector<size_t> cuts(const Plan& plan) {
  const Life life = life_of_values(plan);
  std::vector<size_t> positions;
  for (size_t i = 1; i < plan.ops.size(); ++i) {
    if (crossing(plan, life, i)) positions.push_back(i);
  }
  return positions;
}

Result<std::vector<Plan>> cut(const Plan& plan, std::span<const size_t> positions) {
  const Life life = life_of_values(plan);
  std::vector<Plan> parts;
  size_t begin = 0;
  std::optional<Value> enters;
  for (const size_t end : positions) {
    const bool ascends = end > begin && end < plan.ops.size();
    const auto leaves = ascends ? crossing(plan, life, end) : std::nullopt;
    if (!leaves) {
      return fail(ErrorCode::invalid_argument, "a plan of ", plan.ops.size(), " ops cannot be cut before op ",
                  end, " after a cut at ", begin);
    }
    parts.push_back(part_of(plan, begin, end, enters, leaves));
    begin = end;
    enters = leaves;
  }
  parts.push_back(part_of(plan, begin, plan.ops.size(), enters, std::nullopt));
  return parts;
}

}  // namespace chord::plan
