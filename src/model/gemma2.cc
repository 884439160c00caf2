#include "model/architecture.h"
#include "model/gemma.h"

namespace chord::model {

// Gemma 2 (arXiv:2408.00118): every other layer has a window, norms stand before and after each layer, and
// scores and logits are capped. The first files do not say at which numbers.
Result<plan::Plan> gemma2(const gguf::Header& header, const Config& c) {
  DecoderTraits traits = gemma_traits(c);
  traits.norms = Norms::around;
  traits.attention_scale = gemma_attention_scale(c, /*blocks_of_27b=*/46);
  traits.attention_soft_cap = c.attention_soft_cap != 0 ? c.attention_soft_cap : 50;
  traits.logit_soft_cap = c.logit_soft_cap != 0 ? c.logit_soft_cap : 30;
  traits.window = {.length = c.sliding_window != 0 ? c.sliding_window : 4096, .period = 2};
  return decoder(header, c, traits);
}

}  // namespace chord::model
