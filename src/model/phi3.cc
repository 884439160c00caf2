#include "model/architecture.h"
#include "model/decoder.h"

namespace chord::model {

// Phi-3, 3.5 and 4 (arXiv:2404.14219): fused matrices, LongRoPE in the models of long contexts, and a window
// in all layers where the file names one.
Result<plan::Plan> phi3(const gguf::Header& header, const Config& config) {
  return decoder(header, config,
                 {.rope_order = plan::RopeOrder::halves,
                  .feed_forward = FeedForwardKind::fused_swiglu,
                  .window = {.length = config.sliding_window}});
}

}  // namespace chord::model
