#include "model/architecture.h"
#include "model/gemma.h"

namespace chord::model {

// The text model of Gemma 3 (arXiv:2503.19786): five layers of six have a window, and rotate by a base of
// their own; norms of query and key heads take the place of the cap on scores.
Result<plan::Plan> gemma3(const gguf::Header& header, const Config& c) {
  DecoderTraits traits = gemma_traits(c);
  traits.qk_norm = QkNorm::each_head;
  traits.norms = Norms::around;
  traits.attention_scale = gemma_attention_scale(c, /*blocks_of_27b=*/62);
  traits.logit_soft_cap = c.logit_soft_cap;
  traits.window = {.length = c.sliding_window, .period = 6, .rope_freq_base = 10000};
  return decoder(header, c, traits);
}

}  // namespace chord::model
