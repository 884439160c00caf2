#include "sampling/penalty_window.h"

#include <algorithm>

namespace chord::sampling {

void PenaltyWindow::push(int32_t token) {
  if (length_ == 0) return;
  if (window_.size() == length_) {
    remove(window_.front());
    window_.erase(window_.begin());
  }
  window_.push_back(token);
  add(token);
}

void PenaltyWindow::push(std::span<const int32_t> tokens) {
  if (tokens.size() > length_) tokens = tokens.last(length_);
  for (const int32_t token : tokens) push(token);
}

void PenaltyWindow::add(int32_t token) {
  const auto found = std::ranges::lower_bound(counts_, token, {}, &plan::TokenCount::token);
  if (found != counts_.end() && found->token == token) {
    ++found->count;
  } else {
    counts_.insert(found, {token, 1});
  }
}

void PenaltyWindow::remove(int32_t token) {
  const auto found = std::ranges::lower_bound(counts_, token, {}, &plan::TokenCount::token);
  if (--found->count == 0) counts_.erase(found);
}

}  // namespace chord::sampling
