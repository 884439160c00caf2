// Sizes that several of the recorders and the layout of weights count in.
#pragma once

#include <cstdint>

namespace chord::webgpu {

// Where a binding may begin, in bytes.
inline constexpr uint64_t kBindingAlignment = 256;
// Columns that share a scale where activations are bytes.
inline constexpr uint32_t kUnit = 32;

inline uint32_t divide_up(uint64_t a, uint64_t b) {
  return static_cast<uint32_t>((a + b - 1) / b);
}

}  // namespace chord::webgpu
