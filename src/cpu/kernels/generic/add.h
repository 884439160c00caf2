#pragma once

#include "cpu/kernels/generic/map.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

template <class V>
void add(const Step& step, const Add& op, const Share& share) {
  using F = typename V::F;
  const auto* a = at<const float>(op.a);
  const auto* b = at<const float>(op.b);
  auto* out = at<float>(op.out);
  const auto sum = [](F x, F y) { return x + y; };
  const uint32_t rows = row_count(step, op.rows);
  if (op.broadcast == 0) {
    share.each_element(uint64_t{rows} * op.columns, kCheapElements, [&](uint64_t begin, uint64_t end) {
      map<V>(a + begin, b + begin, out + begin, end - begin, sum);
    });
  } else {
    share.each(rows, 1, [&](uint32_t begin, uint32_t end) {
      for (uint64_t at = uint64_t{begin} * op.columns; at < uint64_t{end} * op.columns; at += op.columns) {
        map<V>(a + at, b, out + at, op.columns, sum);
      }
    });
  }
}

}  // namespace chord::cpu::kernels::generic
