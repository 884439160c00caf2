// Matrix products with weights of the file, and the biases that it may have for them.
#pragma once

#include <optional>
#include <string>

#include "model/config.h"
#include "model/tensors.h"
#include "plan/builder.h"

namespace chord::model {

struct Projection {
  plan::Weight weight;
  std::optional<plan::Weight> bias;
};

// <name>.weight, and <name>.bias, which may be missing unless it is needed.
Projection load_projection(Tensors& tensors, const std::string& name, uint64_t columns, uint64_t rows,
                           bool needs_bias = false);

// `rows` of the matrix <fused>.weight and of its bias, or <own>.weight, a matrix of its own.
Projection load_fusible(Tensors& tensors, const std::string& fused, const std::string& own, uint64_t columns,
                        Part rows, bool needs_bias = false);

struct QkvProjections {
  Projection q, k, v;
};

// <prefix>attn_q, attn_k and attn_v, or attn_qkv, in which some files fuse the three.
QkvProjections load_qkv(Tensors& tensors, const Config& config, const std::string& prefix, bool needs_bias);

plan::Value project(plan::Builder& b, plan::Value x, const Projection& projection);

}  // namespace chord::model
