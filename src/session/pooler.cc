#include "session/pooler.h"

#include <cmath>
#include <utility>

namespace chord::session {

using model::Pooling;

Pooler::Pooler(Pooling pooling, bool raw, uint32_t embedding_length, uint32_t token_count)
    : pooling_(pooling),
      raw_(raw),
      token_count_(token_count),
      row_(embedding_length),
      sums_(embedding_length) {}

Pooler::Rows Pooler::wanted(uint32_t begin, uint32_t count) const {
  if (pooling_ == Pooling::mean) return {.first = 0, .count = count};
  if (pooling_ == Pooling::cls) return {.first = 0, .count = begin == 0 ? 1U : 0U};
  return {.first = count - 1, .count = begin + count == token_count_ ? 1U : 0U};
}

Result<void> Pooler::add(plan::Executor& executor, uint32_t rows) {
  for (uint32_t row = 0; row < rows; ++row) {
    CHORD_CHECK(executor.read_embedding(row, row_));
    for (size_t i = 0; i < row_.size(); ++i) sums_[i] += static_cast<double>(row_[i]);
  }
  row_count_ += rows;
  return {};
}

std::vector<float> Pooler::finish() && {
  double divisor = row_count_;
  if (!raw_) {
    double squares = 0;
    for (const double sum : sums_) squares += sum * sum;
    divisor = squares > 0 ? std::sqrt(squares) : 1;
  }
  for (size_t i = 0; i < row_.size(); ++i) row_[i] = static_cast<float>(sums_[i] / divisor);
  return std::move(row_);
}

}  // namespace chord::session
