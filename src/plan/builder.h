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
  Value embed(Weight table, EmbedBy by = EmbedBy::token);
  Value input(std::string_view name, Rows rows, uint32_t columns);
  Value rms_norm(Value x, Weight weight, float epsilon, uint32_t groups = 1);
  Value layer_norm(Value x, Weight weight, std::optional<Weight> bias, float epsilon);
  Value matmul(Value x, Weight w, std::optional<Value> experts = std::nullopt);
  Value top_k(Value x, uint32_t count);
  Value router_weights(Value logits, Value experts, bool normalized, float factor = 1);
  Value weighted_sum(Value x, Value weights);
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
    std::optional<Weight> sinks = std::nullopt;
    bool causal = true;
  };
  Value attention(Value q, Store store, const AttentionSettings& settings);
  Value select_rows(Value x);

  void embeddings(Value x);
  // Marks the logits and appends the ops of sampling: penalties, candidates.
  void logits(Value logits);

  // The plan, or the first mistake: invalid_model where a shape is wrong (shapes come from the file),
  // internal where the plan itself is (a value that nothing uses, a store that is read but never written …).
  Result<Plan> build() &&;

 private:
  Value norm(NormKind kind, Value x, Weight weight, std::optional<Weight> bias, float epsilon,
             uint32_t groups);
  Value value(std::string_view op, Rows rows, uint64_t columns, Element element = Element::f32);
  Value like(std::string_view op, Value x);

  // All of these remember a mistake and then return false; also when there was one before.
  bool refuse(ErrorCode code, std::string_view message);
  bool expect(bool condition, std::string_view op, std::string_view what, uint64_t seen, uint64_t wanted);
  bool is_f32(std::string_view op, Value x);
  bool is_of_tokens(std::string_view op, Value x);
  bool is_row(std::string_view op, Weight w, uint64_t columns);
  bool agree(std::string_view op, Value a, Value b);
  // That the indices are of x's rows, and below `count` as far as a plan can say.
  bool is_index(std::string_view op, Value indices, Value x, std::string_view of, uint64_t count);
  bool holds_kv(std::string_view op, Store store);

  Plan plan_;
  std::optional<Error> error_;
};

}  // namespace chord::plan
