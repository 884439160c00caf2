#pragma once

#include "cpu/kernels/generic/map.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

template <class V>
void add(const Step& step, const Add& op) {
  using F = typename V::F;
  const uint32_t rows = row_count(step, op.rows);
  for (uint32_t r = 0; r < rows; ++r) {
    const uint64_t begin = uint64_t{r} * op.columns;
    const float* b = at<const float>(op.b) + (op.broadcast != 0 ? 0 : begin);
    map<V>(at<const float>(op.a) + begin, b, at<float>(op.out) + begin, op.columns,
           [](F x, F y) { return x + y; });
  }
}

}  // namespace chord::cpu::kernels::generic
