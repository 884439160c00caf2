// Elements of the types without blocks.
#pragma once

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/half.h"

namespace chord::cpu::kernels::scalar {

static inline float weight(F32 element) {
  return element.value;
}

static inline float weight(F16 element) {
  return f16_to_f32(element.bits);
}

static inline float weight(Bf16 element) {
  return bf16_to_f32(element.bits);
}

}  // namespace chord::cpu::kernels::scalar
