// What is done to every element of a matrix product.
#pragma once

#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

static inline void write_output(const MatMul& op, uint32_t token, uint32_t row, float value) {
  const uint64_t index = uint64_t{token} * op.row_count + row;
  if (op.bias != 0) value += at<const float>(op.bias)[row];
  if (op.residual != 0) value += at<const float>(op.residual)[index];
  at<float>(op.out)[index] = value;
}

}  // namespace chord::cpu::kernels::generic
