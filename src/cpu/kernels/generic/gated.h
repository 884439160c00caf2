#pragma once

#include "cpu/kernels/generic/activation.h"
#include "cpu/kernels/generic/map.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

template <class V>
void gated(const Step& step, const Gated& op) {
  using F = typename V::F;
  const auto* gate = at<const float>(op.gate);
  const auto* up = at<const float>(op.up);
  auto* out = at<float>(op.out);
  const uint64_t count = uint64_t{row_count(step, op.rows)} * op.columns;
  if (op.kind == UnaryKind::silu) {
    map<V>(gate, up, out, count, [](F g, F u) { return silu<V>(g) * u; });
  } else {
    map<V>(gate, up, out, count, [](F g, F u) { return gelu<V>(g) * u; });
  }
}

}  // namespace chord::cpu::kernels::generic
