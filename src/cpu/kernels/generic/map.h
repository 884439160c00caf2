// Loops over arrays whose length need not be a multiple of the vector's. Unrolling them costs bytes of the
// modules and gains nothing.
#pragma once

#include <stdint.h>

namespace chord::cpu::kernels::generic {

// The first count < kLanes floats of p, then zeros; reads nothing beyond them.
template <class V>
typename V::F load_some(const float* p, uint32_t count) {
  float lanes[V::kLanes] = {};
  for (uint32_t i = 0; i < count; ++i) lanes[i] = p[i];
  return V::load(lanes);
}

template <class V>
void store_some(float* p, typename V::F x, uint32_t count) {
  float lanes[V::kLanes];
  V::store(lanes, x);
  for (uint32_t i = 0; i < count; ++i) p[i] = lanes[i];
}

// out[i] = function(x[i]); out may be x.
template <class V, class Function>
void map(const float* x, float* out, uint64_t count, Function function) {
  const uint32_t rest = count % V::kLanes;
  const uint64_t whole = count - rest;
#pragma clang loop unroll(disable)
  for (uint64_t i = 0; i < whole; i += V::kLanes) V::store(out + i, function(V::load(x + i)));
  if (rest != 0) store_some<V>(out + whole, function(load_some<V>(x + whole, rest)), rest);
}

// out[i] = function(a[i], b[i]); out may be a or b.
template <class V, class Function>
void map(const float* a, const float* b, float* out, uint64_t count, Function function) {
  const uint32_t rest = count % V::kLanes;
  const uint64_t whole = count - rest;
#pragma clang loop unroll(disable)
  for (uint64_t i = 0; i < whole; i += V::kLanes) {
    V::store(out + i, function(V::load(a + i), V::load(b + i)));
  }
  if (rest != 0) {
    const auto result = function(load_some<V>(a + whole, rest), load_some<V>(b + whole, rest));
    store_some<V>(out + whole, result, rest);
  }
}

}  // namespace chord::cpu::kernels::generic
