#pragma once

#include "cpu/kernels/generic/exp.h"

namespace chord::cpu::kernels::generic {

template <class V>
typename V::F silu(typename V::F x) {
  return x / (exp<V>(-x) + 1.0f);
}

template <class V>
typename V::F sigmoid(typename V::F x) {
  return 1.0f / (exp<V>(-x) + 1.0f);
}

// As in scalar/activation.h.
template <class V>
typename V::F gelu(typename V::F x) {
  constexpr float kTwoRootTwoOverPi = 1.5957691216f;
  const typename V::F u = (x * x * x * 0.044715f + x) * kTwoRootTwoOverPi;
  return x / (exp<V>(-u) + 1.0f);
}

}  // namespace chord::cpu::kernels::generic
