// The pre-norm decoder that the Llama family shares (arXiv:2302.13971). An architecture's own file says how
// it differs.
#pragma once

#include "base/error.h"
#include "gguf/reader.h"
#include "model/config.h"
#include "plan/plan.h"

namespace chord::model {

struct DecoderTraits {
  plan::RopeOrder rope_order;
  bool qkv_bias = false;  // the projections of queries, keys and values must have biases
  bool qk_norm = false;   // each query and key head is normalised before its rotation
};

// The plan of one step: token ids in, logits and embeddings of the wanted rows out; only embeddings where the
// file says that attention is not causal. Biases that a file has are applied also
// where the architecture does not ask for them.
Result<plan::Plan> decoder(const gguf::Header& header, const Config& config, const DecoderTraits& traits);

}  // namespace chord::model
