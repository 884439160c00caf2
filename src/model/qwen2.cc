#include "model/architecture.h"
#include "model/decoder.h"

namespace chord::model {

// Qwen 2 and 2.5 (arXiv:2407.10671): biases on queries, keys and values.
Result<plan::Plan> qwen2(const gguf::Header& header, const Config& config) {
  return decoder(header, config, {.rope_order = plan::RopeOrder::halves, .qkv_bias = true});
}

// Qwen 1.5 and 2 of experts (arXiv:2407.10671), of which one is shared: the weights of a token's experts are
// their parts of all.
Result<plan::Plan> qwen2moe(const gguf::Header& header, const Config& config) {
  return decoder(header, config,
                 {.rope_order = plan::RopeOrder::halves, .qkv_bias = true, .normalizes_experts = false});
}

}  // namespace chord::model
