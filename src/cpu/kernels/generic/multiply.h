#pragma once

#include "cpu/kernels/generic/map.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

template <class V>
void multiply(const Step& step, const Multiply& op) {
  using F = typename V::F;
  const uint64_t count = uint64_t{row_count(step, op.rows)} * op.columns;
  map<V>(at<const float>(op.a), at<const float>(op.b), at<float>(op.out), count,
         [](F x, F y) { return x * y; });
}

}  // namespace chord::cpu::kernels::generic
