// Builds a plan op by op. Every method checks shapes; the first mistake is remembered and returned by
// build(), so that a model's forward reads without an error check on each line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "plan/plan.h"

namespace chord::plan {

class Builder {
 public:
  Weight weight(WeightInfo info);
  Store store(StoreInfo info);
  uint32_t rope_settings(RopeSettings settings);

  // The names and meanings are those of the ops in op.h.
  Value embed(Weight table);
  Value input(std::string name, Rows rows, uint32_t columns);
  Value rms_norm(Value x, Weight weight, float epsilon, uint32_t groups = 1);
  Value layer_norm(Value x, Weight weight, std::optional<Weight> bias, float epsilon);
  Value matmul(Value x, Weight w, std::optional<Value> experts = std::nullopt);
  Value bias(Value x, Weight bias);
  Value add(Value a, Value b);
  Value activation(ActivationKind kind, Value x);
  Value multiply(Value a, Value b);
  Value scale(Value x, float factor);
  Value soft_cap(Value x, float cap);
  Value rope(Value x, uint32_t settings);
  void store_kv(Store store, Value k, Value v);
  struct AttentionSettings {
    uint32_t head_count;
    float scale;
    uint32_t window = 0;
    float soft_cap = 0;
    std::optional<Weight> sinks;
  };
  Value attention(Value q, Store store, const AttentionSettings& settings);
  Value select_rows(Value x);

  void embeddings(Value x);
  // Marks the logits and appends the ops of sampling: penalties, candidates.
  void logits(Value logits);

  // The plan, or the first mistake (invalid_model: shapes come from the file).
  Result<Plan> build() &&;

 private:
  Value value(Rows rows, uint64_t columns, Element element = Element::f32);
  bool expect(bool condition, std::string_view op, std::string_view what, uint64_t seen, uint64_t wanted);

  Plan plan_;
  std::optional<Error> error_;
};

}  // namespace chord::plan
