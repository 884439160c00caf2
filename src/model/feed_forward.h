// The layer of a block that works on each token by itself (arXiv:2002.05202 compares its kinds).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/config.h"
#include "model/projection.h"
#include "model/tensors.h"
#include "plan/builder.h"

namespace chord::model {

enum class FeedForwardKind : uint8_t {
  swiglu,        // down(silu(gate(x)) ⊙ up(x))
  fused_swiglu,  // the same; the rows of `gate` come first in the matrix of `up`
  geglu,         // down(gelu(gate(x)) ⊙ up(x))
  gelu,          // down(gelu(up(x)))
};

struct FeedForward {
  FeedForwardKind kind;
  std::optional<Projection> gate;
  Projection up, down;
};

// <prefix>ffn_gate, of the gated kinds, ffn_up and ffn_down.
FeedForward load_feed_forward(Tensors& tensors, const Config& config, const std::string& prefix,
                              FeedForwardKind kind);

plan::Value feed_forward(plan::Builder& b, plan::Value x, const FeedForward& layer);

}  // namespace chord::model
