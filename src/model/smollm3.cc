#include "model/architecture.h"
#include "model/decoder.h"

namespace chord::model {

// SmolLM 3: a Llama, each fourth layer of which does without rotation (arXiv:2501.18795).
Result<plan::Plan> smollm3(const gguf::Header& header, const Config& config) {
  return decoder(header, config, {.rope_order = plan::RopeOrder::adjacent, .unrotated_period = 4});
}

}  // namespace chord::model
