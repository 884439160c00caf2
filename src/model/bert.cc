#include "model/architecture.h"
#include "model/encoder.h"

namespace chord::model {

// BERT (arXiv:1810.04805), and what is stored as it: MiniLM, BGE, E5, GTE, Snowflake Arctic Embed.
Result<plan::Plan> bert(const gguf::Header& header, const Config& config) {
  return encoder(header, config, {.position_table = true});
}

}  // namespace chord::model
