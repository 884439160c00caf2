// A feed-forward layer of many experts, of which each token passes those few that a router chooses
// (arXiv:1701.06538), and, if the file has it, one more that all tokens pass.
#pragma once

#include <optional>
#include <string>

#include "model/config.h"
#include "model/feed_forward.h"
#include "model/tensors.h"
#include "plan/builder.h"

namespace chord::model {

// The experts are SwiGLU layers, whose matrices of one kind are one weight.
struct Mixture {
  plan::Weight router;
  plan::Weight gate, up, down;
  std::optional<FeedForward> shared;
  std::optional<plan::Weight>
      shared_router;  // the sigmoid of its logit multiplies the shared expert's result
};

// <prefix>ffn_gate_inp, ffn_gate_exps, ffn_up_exps, ffn_down_exps, and the same of the shared expert.
Mixture load_mixture(Tensors& tensors, const Config& config, const std::string& prefix);

// `normalized`: the weights of a token's experts add up to one, where the file does not say.
plan::Value mixture(plan::Builder& b, plan::Value x, const Mixture& layer, const ExpertConfig& experts,
                    bool normalized);

}  // namespace chord::model
