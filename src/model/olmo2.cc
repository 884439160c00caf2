#include "model/architecture.h"
#include "model/decoder.h"

namespace chord::model {

// OLMo 2 (arXiv:2501.00656): norms behind the layers instead of before them, and of queries and keys as a
// whole. OLMo 3, whose files name a window, stretches only the layers without one.
Result<plan::Plan> olmo2(const gguf::Header& header, const Config& c) {
  return decoder(header, c,
                 {.rope_order = plan::RopeOrder::halves,
                  .qk_norm = QkNorm::whole,
                  .norms = Norms::after,
                  .window = {.length = c.sliding_window, .period = 4, .rope_freq_base = c.rope.freq_base}});
}

}  // namespace chord::model
