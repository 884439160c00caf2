// What is done to every element of a matrix product.
#pragma once

#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

// Of rows [row, row + kCount). A loop over what is known to be few becomes vectors.
template <uint32_t kCount>
static inline void write_output(const MatMul& op, uint32_t token, uint32_t row, const float* values) {
  const uint64_t index = uint64_t{token} * op.row_count + row;
  float results[kCount];
  for (uint32_t r = 0; r < kCount; ++r) results[r] = values[r];
  if (op.bias != 0) {
    for (uint32_t r = 0; r < kCount; ++r) results[r] += at<const float>(op.bias)[row + r];
  }
  if (op.residual != 0) {
    for (uint32_t r = 0; r < kCount; ++r) results[r] += at<const float>(op.residual)[index + r];
  }
  __builtin_memcpy(at<float>(op.out) + index, results, sizeof results);
}

static inline void write_output(const MatMul& op, uint32_t token, uint32_t row, float value) {
  write_output<1>(op, token, row, &value);
}

}  // namespace chord::cpu::kernels::generic
