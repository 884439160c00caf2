// The primitives of generic/panel_product.h that every engine has: products of 16-bit integers.
//
// Sixteen bytes become two vectors of words, of the even columns and of the odd ones; activations are words
// in the order 0, 2, 1, 3, so that one 32-bit load gives those that meet each.
#pragma once

#include <stdint.h>
#include <wasm_simd128.h>

#include "cpu/kernels/wasm/vector.h"

namespace chord::cpu::kernels::simd128 {

// Rows 0 to 3 and rows 4 to 7.
struct Halves {
  v128_t half[2];
};

// Keeps what the compiler knows of a value from it: V8 would build a constant anew wherever it is used, and
// LLVM would change the order of a chain of additions and run out of registers.
static inline v128_t opaque(v128_t x) {
  asm volatile("" : "+r"(x));
  return x;
}

struct PanelVectors {
  using F = float __attribute__((vector_size(32)));
  using I = int32_t __attribute__((vector_size(32)));
  using Words = int16_t __attribute__((vector_size(32)));
  // One mask serves both halves.
  using Mask = v128_t;
  using Table = v128_t;

  template <class T>
  static v128_t half_of(T x, uint32_t h) {
    v128_t halves[2];
    __builtin_memcpy(halves, &x, sizeof x);
    return halves[h];
  }
};

}  // namespace chord::cpu::kernels::simd128
