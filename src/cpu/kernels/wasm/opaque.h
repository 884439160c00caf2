// What keeps compilers from knowing better.
#pragma once

#include <wasm_simd128.h>

namespace chord::cpu::kernels::wasm {

// Hides from the compiler what it knows of a constant: V8 builds one anew wherever it is used, unless it
// comes from a variable.
static inline v128_t opaque(v128_t x) {
  asm("" : "+r"(x));
  return x;
}

// A sum in a chain of additions: LLVM would change their order, and run out of registers.
static inline v128_t pinned(v128_t sum) {
  asm volatile("" : "+r"(sum));
  return sum;
}

}  // namespace chord::cpu::kernels::wasm
