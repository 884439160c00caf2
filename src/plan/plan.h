// A plan: what one model computes in a step, as a list of ops in an order that can be executed.
#pragma once

#include <optional>
#include <vector>

#include "plan/op.h"

namespace chord::plan {

struct Plan {
  std::vector<ValueInfo> values;
  std::vector<WeightInfo> weights;
  std::vector<StoreInfo> stores;
  std::vector<RopeSettings> rope_settings;
  std::vector<Op> ops;
  std::optional<Value> logits;      // [outputs, n_vocab], as the model computes them, before Penalties
  std::optional<Value> embeddings;  // [outputs, embedding_length], after the last norm

  const ValueInfo& operator[](Value v) const { return values[v.id]; }
  const WeightInfo& operator[](Weight w) const { return weights[w.id]; }
  const StoreInfo& operator[](Store s) const { return stores[s.id]; }
};

}  // namespace chord::plan
