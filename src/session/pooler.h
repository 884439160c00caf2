// One embedding: from the rows of steps to the vector of a text.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "model/config.h"
#include "plan/device.h"

namespace chord::session {

struct EmbeddingOptions {
  model::Pooling pooling = model::Pooling::none;  // none: what the file names
  bool raw = false;                               // not divided by its length
};

class Pooler {
 public:
  // Of a text of token_count tokens. pooling is not none.
  Pooler(model::Pooling pooling, bool raw, uint32_t embedding_length, uint32_t token_count);

  bool wants_every_row() const { return pooling_ == model::Pooling::mean; }

  struct Rows {
    uint32_t first;
    uint32_t count;
  };
  // Which rows of a step with the text's tokens [begin, begin + count) are wanted.
  Rows wanted(uint32_t begin, uint32_t count) const;

  // Reads the output rows of a step that is done.
  Result<void> add(plan::Executor& executor, uint32_t rows);

  // After the text's last step. Of length 1, unless it is wanted raw or is zero.
  std::vector<float> finish() &&;

 private:
  model::Pooling pooling_;
  bool raw_;
  uint32_t token_count_;
  uint32_t row_count_ = 0;
  std::vector<float> row_;
  // Row by row in the order of positions: the result does not depend on how the text was cut.
  std::vector<double> sums_;
};

}  // namespace chord::session
