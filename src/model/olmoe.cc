#include "model/architecture.h"
#include "model/decoder.h"

namespace chord::model {

// OLMoE (arXiv:2409.02060): queries and keys are normalised as a whole, and the weights of a token's experts
// are their parts of all.
Result<plan::Plan> olmoe(const gguf::Header& header, const Config& config) {
  return decoder(
      header, config,
      {.rope_order = plan::RopeOrder::halves, .qk_norm = QkNorm::whole, .normalizes_experts = false});
}

}  // namespace chord::model
