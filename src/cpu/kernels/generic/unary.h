#pragma once

#include "cpu/kernels/generic/activation.h"
#include "cpu/kernels/generic/map.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

template <class V>
void unary(const Step& step, const Unary& op) {
  using F = typename V::F;
  const auto* x = at<const float>(op.x);
  auto* out = at<float>(op.out);
  const uint64_t count = uint64_t{row_count(step, op.rows)} * op.columns;
  const float parameter = op.parameter;
  switch (op.kind) {
    case UnaryKind::silu:
      return map<V>(x, out, count, silu<V>);
    case UnaryKind::gelu:
      return map<V>(x, out, count, gelu<V>);
    case UnaryKind::scale:
      return map<V>(x, out, count, [=](F value) { return value * parameter; });
    case UnaryKind::soft_cap:
      return map<V>(x, out, count, [=](F value) { return tanh<V>(value / parameter) * parameter; });
  }
}

}  // namespace chord::cpu::kernels::generic
