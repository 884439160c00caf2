#include "model/projection.h"

namespace chord::model {
namespace {

std::optional<plan::Weight> load_bias(Tensors& tensors, const std::string& name, uint64_t length,
                                      bool needed) {
  return needed ? tensors.vector(name, length) : tensors.find_vector(name, length);
}

}  // namespace

Projection load_projection(Tensors& tensors, const std::string& name, uint64_t columns, uint64_t rows,
                           bool needs_bias) {
  const plan::Weight weight = tensors.matrix(name + ".weight", columns, rows);
  return {weight, load_bias(tensors, name + ".bias", rows, needs_bias)};
}

Projection load_fusible(Tensors& tensors, const std::string& fused, const std::string& own, uint64_t columns,
                        Part rows, bool needs_bias) {
  const auto weight = tensors.find_rows(fused + ".weight", columns, rows);
  if (!weight) return load_projection(tensors, own, columns, rows.count, needs_bias);
  const auto bias = tensors.find_elements(fused + ".bias", rows);
  return {*weight, bias ? bias : load_bias(tensors, own + ".bias", rows.count, needs_bias)};
}

QkvProjections load_qkv(Tensors& tensors, const Config& c, const std::string& prefix, bool needs_bias) {
  const uint64_t q_length = uint64_t{c.head_count} * c.key_length;
  const uint64_t k_length = uint64_t{c.head_count_kv} * c.key_length;
  const uint64_t v_length = uint64_t{c.head_count_kv} * c.value_length;
  const uint64_t all = q_length + k_length + v_length;
  const auto load = [&](const char* name, uint64_t first, uint64_t rows) {
    return load_fusible(tensors, prefix + "attn_qkv", prefix + name, c.embedding_length, {first, rows, all},
                        needs_bias);
  };
  return {.q = load("attn_q", 0, q_length),
          .k = load("attn_k", q_length, k_length),
          .v = load("attn_v", q_length + k_length, v_length)};
}

plan::Value project(plan::Builder& b, plan::Value x, const Projection& projection) {
  const plan::Value y = b.matmul(x, projection.weight);
  return projection.bias ? b.bias(y, *projection.bias) : y;
}

}  // namespace chord::model
