#include "session/context.h"

#include <algorithm>

namespace chord::session {

void Context::assign(std::span<const int32_t> tokens) {
  const auto shared = std::ranges::mismatch(evaluated(), tokens).in1 - evaluated().begin();
  used_ = static_cast<uint32_t>(std::min<size_t>(static_cast<size_t>(shared), tokens.size() - 1));
  text_.assign(tokens.begin(), tokens.end());
}

std::span<const int32_t> Context::next(uint32_t limit) const {
  return std::span(text_).subspan(used_, std::min(limit, pending()));
}

void Context::shift(uint32_t keep) {
  const uint32_t rest = length_ - keep;
  const uint32_t forgotten = rest - rest / 2;
  const auto begin = text_.begin() + keep;
  text_.erase(begin, begin + forgotten);
  used_ = std::min(used_, keep);
}

void Context::restore(std::span<const int32_t> tokens) {
  text_.assign(tokens.begin(), tokens.end());
  used_ = static_cast<uint32_t>(tokens.size());
}

void Context::clear() {
  text_.clear();
  used_ = 0;
}

}  // namespace chord::session
