#pragma once

#include "cpu/kernels/generic/map.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

template <class V>
void multiply(const Step& step, const Multiply& op, const Share& share) {
  using F = typename V::F;
  const uint64_t count = uint64_t{row_count(step, op.rows)} * op.columns;
  share.each_element(count, kCheapElements, [&](uint64_t begin, uint64_t end) {
    map<V>(at<const float>(op.a) + begin, at<const float>(op.b) + begin, at<float>(op.out) + begin,
           end - begin, [](F x, F y) { return x * y; });
  });
}

}  // namespace chord::cpu::kernels::generic
