#include "base/hash.h"

#include <cstring>

namespace chord {
namespace {

// Each step is a bijection of the state, and of the word.
uint64_t mix(uint64_t state, uint64_t word) {
  state = (state ^ word) * 0x9E3779B97F4A7C15;
  return state ^ (state >> 32);
}

}  // namespace

void Hash::add(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const uint64_t filled = length_ % sizeof word_;
    if (filled == 0) {
      for (; bytes.size() >= sizeof word_; bytes = bytes.subspan(sizeof word_)) {
        std::memcpy(&word_, bytes.data(), sizeof word_);
        state_ = mix(state_, word_);
        length_ += sizeof word_;
      }
      word_ = 0;
      if (bytes.empty()) return;
    }
    word_ |= std::to_integer<uint64_t>(bytes[0]) << (8 * filled);
    bytes = bytes.subspan(1);
    if (++length_ % sizeof word_ == 0) state_ = mix(state_, word_);
  }
}

uint64_t Hash::value() const {
  const bool is_whole = length_ % sizeof word_ == 0;
  return mix(is_whole ? state_ : mix(state_, word_), length_);
}

}  // namespace chord
