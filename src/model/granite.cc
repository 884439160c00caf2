#include "model/architecture.h"
#include "model/decoder.h"

namespace chord::model {

// Granite 3 (IBM), dense or of experts: a Llama with factors at four places, as muP has them
// (arXiv:2203.03466).
Result<plan::Plan> granite(const gguf::Header& header, const Config& c) {
  DecoderTraits traits = {.rope_order = plan::RopeOrder::adjacent};
  traits.unrotated_period = c.rope.finetuned ? 0 : 1;
  if (c.embedding_scale != 0) traits.embedding_scale = c.embedding_scale;
  if (c.residual_scale != 0) traits.residual_scale = c.residual_scale;
  if (c.logit_scale != 0) traits.logit_scale = 1 / c.logit_scale;
  traits.attention_scale = c.attention_scale;
  return decoder(header, c, traits);
}

}  // namespace chord::model
