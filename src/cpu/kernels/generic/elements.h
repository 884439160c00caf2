// Weights of the types without blocks, as vectors of f32.
#pragma once

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/generic/map.h"

namespace chord::cpu::kernels::generic {

template <class V>
typename V::F load_elements(const F32* p) {
  return V::load(&p->value);
}
template <class V>
typename V::F load_elements(const F16* p) {
  return V::load_halves(&p->bits);
}
template <class V>
typename V::F load_elements(const Bf16* p) {
  return V::load_bf16(&p->bits);
}

// The first count < kLanes elements, then zeros; reads nothing beyond them.
template <class V, class Element>
typename V::F load_some_elements(const Element* p, uint32_t count) {
  Element lanes[V::kLanes] = {};
  for (uint32_t i = 0; i < count; ++i) lanes[i] = p[i];
  return load_elements<V>(lanes);
}

}  // namespace chord::cpu::kernels::generic
