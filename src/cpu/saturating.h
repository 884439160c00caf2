// Sizes from untrusted numbers: what does not fit 64 bits becomes kTooMany, which every allocation refuses.
#pragma once

#include <cstdint>

namespace chord::cpu {

inline constexpr uint64_t kTooMany = UINT64_MAX;

// Where allocations and tensors begin: a cache line, and the widest vector.
inline constexpr uint64_t kAlignment = 64;

constexpr uint64_t saturating_add(uint64_t a, uint64_t b) {
  return a > kTooMany - b ? kTooMany : a + b;
}

constexpr uint64_t saturating_multiply(uint64_t a, uint64_t b) {
  return b != 0 && a > kTooMany / b ? kTooMany : a * b;
}

constexpr uint64_t saturating_align(uint64_t bytes) {
  return bytes > kTooMany - (kAlignment - 1) ? kTooMany : (bytes + kAlignment - 1) & ~(kAlignment - 1);
}

}  // namespace chord::cpu
