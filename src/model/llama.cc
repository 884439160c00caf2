#include "model/architecture.h"
#include "model/decoder.h"

namespace chord::model {

// Llama 1 to 3, and what is stored as them: TinyLlama, SmolLM2, Mistral 7B, Mixtral (arXiv:2401.04088).
// Converters permute the rows of the query and key matrices, so that rotated pairs are adjacent as in Meta's
// own code.
Result<plan::Plan> llama(const gguf::Header& header, const Config& config) {
  return decoder(header, config, {.rope_order = plan::RopeOrder::adjacent});
}

}  // namespace chord::model
