#include "model/gemma.h"

#include <cmath>

#include "model/architecture.h"

namespace chord::model {

DecoderTraits gemma_traits(const Config& c) {
  return {.rope_order = plan::RopeOrder::halves,
          .feed_forward = FeedForwardKind::geglu,
          .embedding_scale = std::sqrt(static_cast<float>(c.embedding_length))};
}

float gemma_attention_scale(const Config& c, uint32_t blocks_of_27b) {
  const uint32_t length = c.block_count == blocks_of_27b ? c.embedding_length / c.head_count : c.key_length;
  return 1 / std::sqrt(static_cast<float>(length));
}

Result<plan::Plan> gemma(const gguf::Header& header, const Config& config) {
  return decoder(header, config, gemma_traits(config));
}

}  // namespace chord::model
