#include "model/architecture.h"
#include "model/decoder.h"

namespace chord::model {

// Qwen 3 (arXiv:2505.09388), dense or of experts: no biases, and a norm on every query and key head instead.
Result<plan::Plan> qwen3(const gguf::Header& header, const Config& config) {
  return decoder(header, config, {.rope_order = plan::RopeOrder::halves, .qk_norm = QkNorm::each_head});
}

}  // namespace chord::model
