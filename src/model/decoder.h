// The decoder that the Llama family shares (arXiv:2302.13971), and what others change about it. An
// architecture's own file says how it differs.
#pragma once

#include <optional>

#include "base/error.h"
#include "gguf/reader.h"
#include "model/config.h"
#include "model/feed_forward.h"
#include "plan/plan.h"

namespace chord::model {

// Where a block normalises: what goes into its attention and its feed-forward layer, or what comes out of
// them, before it is added to the residual stream, or both.
enum class Norms : uint8_t { before, after, around };

// What of queries and keys is normalised before they are rotated.
enum class QkNorm : uint8_t { none, each_head, whole };

// Layers that see only the last `length` positions, their own included.
struct Window {
  uint32_t length = 0;                        // 0: no layer does
  uint32_t period = 0;                        // each period-th layer sees all; 0: none does
  std::optional<double> rope_freq_base = {};  // of the layers with a window, which are not stretched then
};

struct DecoderTraits {
  plan::RopeOrder rope_order;
  bool qkv_bias = false;  // the projections of queries, keys and values must have biases
  QkNorm qk_norm = QkNorm::none;
  Norms norms = Norms::before;
  FeedForwardKind feed_forward = FeedForwardKind::swiglu;
  uint32_t unrotated_period = 0;   // each such layer does without rotation; 0: none does
  bool normalizes_experts = true;  // of a mixture of experts: mixture.h
  float embedding_scale = 1;       // multiplies the embeddings of the tokens
  float attention_scale = 0;       // of q·k; 0: 1 / √key_length
  float attention_soft_cap = 0;    // of the scores; 0: none
  float logit_soft_cap = 0;        // 0: none
  float logit_scale = 1;           // multiplies the logits, before that
  float residual_scale = 1;        // multiplies what is added to the residual stream
  Window window = {};
};

// The plan of one step: token ids in, logits and embeddings of the wanted rows out; only embeddings where the
// file says that attention is not causal. Biases that a file has are applied also
// where the architecture does not ask for them.
Result<plan::Plan> decoder(const gguf::Header& header, const Config& config, const DecoderTraits& traits);

}  // namespace chord::model
