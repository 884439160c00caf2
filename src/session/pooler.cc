#include "session/pooler.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace chord::session {

using model::Pooling;

Pooler::Pooler(Pooling pooling, bool raw, uint32_t embedding_length, std::span<const int32_t> tokens,
               std::span<const uint32_t> lengths)
    : pooling_(pooling),
      raw_(raw),
      tokens_(tokens.begin(), tokens.end()),
      row_(embedding_length),
      sums_(embedding_length) {
  uint32_t end = 0;
  ends_.reserve(lengths.size());
  for (const uint32_t length : lengths) ends_.push_back(end += length);
  vectors_.reserve(lengths.size() * embedding_length);
}

uint32_t Pooler::fitting(uint32_t most_tokens, uint32_t most_rows) const {
  const uint32_t begin = text_ == 0 ? 0 : ends_[text_ - 1];
  uint32_t count = 1;
  for (; text_ + count < ends_.size(); ++count) {
    const uint32_t length = ends_[text_ + count] - begin;
    if (length > most_tokens || (wants_every_row() ? length : count + 1) > most_rows) break;
  }
  return count;
}

void Pooler::open(uint32_t count) {
  opened_end_ = text_ + count;
  opened_at_ = text_ == 0 ? 0 : ends_[text_ - 1];
  begins_.assign(1, 0);
  for (uint32_t i = 0; i + 1 < count; ++i) begins_.push_back(ends_[text_ + i] - opened_at_);
}

std::span<const int32_t> Pooler::tokens() const {
  return std::span(tokens_).subspan(opened_at_, ends_[opened_end_ - 1] - opened_at_);
}

std::span<const uint32_t> Pooler::rows(uint32_t begin, uint32_t count) {
  step_at_ = begin;
  rows_.clear();
  for (uint32_t row = 0, text = text_; row < count; ++row) {
    const uint32_t at = opened_at_ + begin + row;
    while (at >= ends_[text]) ++text;
    const bool first = at == (text == 0 ? 0 : ends_[text - 1]);
    const bool last = at + 1 == ends_[text];
    if (pooling_ == Pooling::mean || (pooling_ == Pooling::cls ? first : last)) rows_.push_back(row);
  }
  return rows_;
}

Result<void> Pooler::add(plan::Executor& executor) {
  for (uint32_t i = 0; i < rows_.size(); ++i) {
    while (opened_at_ + step_at_ + rows_[i] >= ends_[text_]) finish_text();
    CHORD_CHECK(executor.read_embedding(i, row_));
    for (size_t k = 0; k < row_.size(); ++k) sums_[k] += static_cast<double>(row_[k]);
    ++row_count_;
  }
  return {};
}

void Pooler::close() {
  while (text_ < opened_end_) finish_text();
}

void Pooler::finish_text() {
  double divisor = row_count_;
  if (!raw_) {
    double squares = 0;
    for (const double sum : sums_) squares += sum * sum;
    divisor = squares > 0 ? std::sqrt(squares) : 1;
  }
  for (double& sum : sums_) vectors_.push_back(static_cast<float>(std::exchange(sum, 0) / divisor));
  row_count_ = 0;
  ++text_;
}

}  // namespace chord::session
