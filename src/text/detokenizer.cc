#include "text/detokenizer.h"

namespace chord::text {

std::string Detokenizer::push(int32_t token) {
  piece_.clear();
  tokenizer_->append_piece(token, special_, piece_);
  std::string out;
  stream_.push(piece_, out);
  return out;
}

std::string Detokenizer::finish() {
  std::string out;
  stream_.finish(out);
  return out;
}

}  // namespace chord::text
