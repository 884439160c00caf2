// Weights of the types without blocks, as vectors of f32.
#pragma once

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/generic/map.h"

namespace chord::cpu::kernels::generic {

// Objects, because they hold what a conversion keeps in registers: made once, outside all loops.
template <class V, class Element>
struct ElementLoader;

template <class V>
struct ElementLoader<V, F32> {
  V::F load(const F32* p) const { return V::load(&p->value); }
};
template <class V>
struct ElementLoader<V, F16> {
  V::HalfLoader halves;
  V::F load(const F16* p) const { return halves.load(&p->bits); }
};
template <class V>
struct ElementLoader<V, Bf16> {
  V::F load(const Bf16* p) const { return V::load_bf16(&p->bits); }
};

// The first count < kLanes elements, then zeros; reads nothing beyond them.
template <class V, class Element>
V::F load_some_elements(const ElementLoader<V, Element>& loader, const Element* p, uint32_t count) {
  Element lanes[V::kLanes] = {};
  for (uint32_t i = 0; i < count; ++i) lanes[i] = p[i];
  return loader.load(lanes);
}

}  // namespace chord::cpu::kernels::generic
