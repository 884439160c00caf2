#include "model/architecture.h"
#include "model/encoder.h"

namespace chord::model {

// Nomic Embed (arXiv:2402.01613): rotated queries and keys, and SwiGLU.
Result<plan::Plan> nomic_bert(const gguf::Header& header, const Config& config) {
  return encoder(header, config, {.feed_forward = FeedForwardKind::swiglu});
}

}  // namespace chord::model
