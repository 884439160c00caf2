#pragma once

#include "cpu/kernels/generic/activation.h"
#include "cpu/kernels/generic/map.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

template <class V>
void gated(const Step& step, const Gated& op, const Share& share) {
  using F = typename V::F;
  const auto* gate = at<const float>(op.gate);
  const auto* up = at<const float>(op.up);
  auto* out = at<float>(op.out);
  const uint64_t count = uint64_t{row_count(step, op.rows)} * op.columns;
  share.each_element(count, kCostlyElements, [&](uint64_t begin, uint64_t end) {
    const auto piece = [&](auto function) {
      map<V>(gate + begin, up + begin, out + begin, end - begin, function);
    };
    if (op.kind == UnaryKind::silu) {
      piece([](F g, F u) { return silu<V>(g) * u; });
    } else {
      piece([](F g, F u) { return gelu<V>(g) * u; });
    }
  });
}

}  // namespace chord::cpu::kernels::generic
