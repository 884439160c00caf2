// Embeddings: from the rows of steps to the vectors of texts.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/config.h"
#include "plan/device.h"

namespace chord::session {

struct EmbeddingOptions {
  model::Pooling pooling = model::Pooling::none;  // none: what the file names
  bool raw = false;                               // not divided by its length
};

// Takes the texts one after the other, or, where a step can hold several, as many as are wanted at a time.
class Pooler {
 public:
  // lengths: of the texts, whose tokens lie one behind the other. pooling is not none.
  Pooler(model::Pooling pooling, bool raw, uint32_t embedding_length, std::span<const int32_t> tokens,
         std::span<const uint32_t> lengths);

  bool wants_every_row() const { return pooling_ == model::Pooling::mean; }
  bool wants_last_row_only() const { return pooling_ == model::Pooling::last; }

  // How many of the texts that are left one step of at most so many tokens and output rows can hold as a
  // whole; at least 1.
  uint32_t fitting(uint32_t most_tokens, uint32_t most_rows) const;

  // Begins with the next `count` texts; nothing of those before is left to be added.
  void open(uint32_t count);
  bool is_last() const { return opened_end_ == ends_.size(); }
  // Of the opened texts, their tokens; and where in them each begins.
  std::span<const int32_t> tokens() const;
  std::span<const uint32_t> begins() const { return begins_; }

  // Which rows of a step with those tokens from `begin` on are wanted.
  std::span<const uint32_t> rows(uint32_t begin, uint32_t count);
  // Reads them when the step is done.
  Result<void> add(plan::Executor& executor);
  // After the opened texts' last step.
  void close();

  // [embedding_length] of each text that is done: of length 1, unless it is wanted raw or is zero.
  std::vector<float> take() && { return std::move(vectors_); }

 private:
  void finish_text();

  model::Pooling pooling_;
  bool raw_;
  std::vector<int32_t> tokens_;
  std::vector<uint32_t> ends_;    // of the texts, in tokens_
  std::vector<uint32_t> begins_;  // of the opened ones, in theirs
  uint32_t opened_end_ = 0;       // the first text that is not opened yet
  uint32_t opened_at_ = 0;        // in tokens_
  uint32_t text_ = 0;             // whose rows come next
  uint32_t step_at_ = 0;          // in the opened texts' tokens
  std::vector<uint32_t> rows_;    // of the step
  uint32_t row_count_ = 0;        // of the text, so far
  std::vector<float> row_;        // one of them
  // Row by row in the order of positions: the result does not depend on how the text was cut.
  std::vector<double> sums_;
  std::vector<float> vectors_;
};

}  // namespace chord::session
