#pragma once

#include "cpu/kernels/generic/activation.h"
#include "cpu/kernels/generic/map.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

template <class V>
void unary(const Step& step, const Unary& op, const Share& share) {
  using F = typename V::F;
  const auto* x = at<const float>(op.x);
  auto* out = at<float>(op.out);
  const uint64_t count = uint64_t{row_count(step, op.rows)} * op.columns;
  const float parameter = op.parameter;
  share.each_element(count, kCostlyElements, [&](uint64_t begin, uint64_t end) {
    const auto piece = [&](auto function) { map<V>(x + begin, out + begin, end - begin, function); };
    switch (op.kind) {
      case UnaryKind::silu:
        return piece(silu<V>);
      case UnaryKind::gelu:
        return piece(gelu<V>);
      case UnaryKind::sigmoid:
        return piece(sigmoid<V>);
      case UnaryKind::scale:
        return piece([=](F value) { return value * parameter; });
      case UnaryKind::soft_cap:
        return piece([=](F value) { return tanh<V>(value / parameter) * parameter; });
    }
  });
}

}  // namespace chord::cpu::kernels::generic
