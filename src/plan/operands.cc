#include "plan/operands.h"

#include <array>

namespace chord::plan {
namespace {

// One visitor out of lambdas.
template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

constexpr std::array<std::string_view, std::variant_size_v<Op>> kNames = {
    "embed",    "input",     "norm",        "matmul",    "top_k",     "router_weights", "weighted_sum",
    "bias",     "add",       "activation",  "multiply",  "scale",     "soft_cap",       "rope",
    "store_kv", "attention", "select_rows", "penalties", "candidates"};

}  // namespace

std::string_view name(const Op& op) {
  return kNames[op.index()];
}

std::vector<Value> inputs(const Op& op) {
  using Values = std::vector<Value>;
  return std::visit(Overloaded{
                        [](const Embed&) { return Values{}; },
                        [](const Input&) { return Values{}; },
                        [](const MatMul& o) { return o.experts ? Values{o.x, *o.experts} : Values{o.x}; },
                        [](const RouterWeights& o) { return Values{o.logits, o.experts}; },
                        [](const WeightedSum& o) { return Values{o.x, o.weights}; },
                        [](const Add& o) { return Values{o.a, o.b}; },
                        [](const Multiply& o) { return Values{o.a, o.b}; },
                        [](const StoreKv& o) { return Values{o.k, o.v}; },
                        [](const Attention& o) { return Values{o.q}; },
                        [](const Penalties& o) { return Values{o.logits}; },
                        [](const Candidates& o) { return Values{o.logits}; },
                        [](const auto& o) { return Values{o.x}; },
                    },
                    op);
}

std::optional<Value> output(const Op& op) {
  using MaybeValue = std::optional<Value>;
  return std::visit(Overloaded{
                        [](const StoreKv&) { return MaybeValue{}; },
                        [](const Candidates&) { return MaybeValue{}; },
                        [](const auto& o) { return MaybeValue{o.out}; },
                    },
                    op);
}

std::vector<Weight> weights(const Op& op) {
  using Weights = std::vector<Weight>;
  return std::visit(Overloaded{
                        [](const Embed& o) { return Weights{o.table}; },
                        [](const Norm& o) { return o.bias ? Weights{o.weight, *o.bias} : Weights{o.weight}; },
                        [](const MatMul& o) { return Weights{o.w}; },
                        [](const Bias& o) { return Weights{o.bias}; },
                        [](const Attention& o) { return o.sinks ? Weights{*o.sinks} : Weights{}; },
                        [](const auto&) { return Weights{}; },
                    },
                    op);
}

}  // namespace chord::plan
