#include "model/architecture.h"
#include "model/decoder.h"

namespace chord::model {

// Qwen 2 and 2.5 (arXiv:2407.10671): biases on queries, keys and values.
Result<plan::Plan> qwen2(const gguf::Header& header, const Config& config) {
  return decoder(header, config, {.rope_order = plan::RopeOrder::halves, .qkv_bias = true});
}

}  // namespace chord::model
