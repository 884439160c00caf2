// The post-norm encoder of BERT (arXiv:1810.04805), whose tokens all see each other. An architecture's own
// file says how it differs.
#pragma once

#include "base/error.h"
#include "gguf/reader.h"
#include "model/config.h"
#include "model/feed_forward.h"
#include "plan/plan.h"

namespace chord::model {

struct EncoderTraits {
  bool position_table = false;  // positions are embedded; otherwise queries and keys are rotated
  FeedForwardKind feed_forward = FeedForwardKind::gelu;
};

// The plan of one step, which must be a whole text: token ids in, embeddings of the wanted rows out. All
// tokens are of the first segment. Biases that a file has are applied.
Result<plan::Plan> encoder(const gguf::Header& header, const Config& config, const EncoderTraits& traits);

}  // namespace chord::model
