// f16 and bf16, held as their bits. Widening is exact; narrowing rounds to nearest, ties to even, overflows
// to infinity and keeps NaN, as F16C does.
#pragma once

#include <stdint.h>

namespace chord::cpu::kernels {

static inline uint32_t bits_of(float value) {
  return __builtin_bit_cast(uint32_t, value);
}

static inline float float_of(uint32_t bits) {
  return __builtin_bit_cast(float, bits);
}

static inline float f16_to_f32(uint16_t half) {
  const uint32_t magnitude = (half & 0x7fffu) << 13;
  // The exponent still has the bias 15 where a float's is 127. The product is exact, for subnormals too.
  uint32_t bits = bits_of(float_of(magnitude) * 0x1p112f);
  if (magnitude >= 0x0f800000u) bits |= 0x7f800000u;  // infinity or NaN
  return float_of(bits | (half & 0x8000u) << 16);
}

static inline uint16_t f32_to_f16(float value) {
  const uint32_t sign = bits_of(value) >> 16 & 0x8000u;
  const uint32_t magnitude = bits_of(value) & 0x7fffffffu;
  uint32_t half = 0;
  if (magnitude > 0x7f800000u) {
    half = 0x7e00u | (magnitude >> 13 & 0x3ffu);
  } else if (magnitude >= 0x477ff000u) {  // 65520: halfway between the largest f16 and the next power of two
    half = 0x7c00u;
  } else if (magnitude < 0x38800000u) {
    // Below 2^-14 an f16 counts 2^-24, the last place of a float in [0.5, 1): the addition rounds.
    half = bits_of(float_of(magnitude) + 0.5f) - 0x3f000000u;
  } else {
    const uint32_t rounded = magnitude + 0xfffu + (magnitude >> 13 & 1u);
    half = (rounded - (112u << 23)) >> 13;
  }
  return static_cast<uint16_t>(sign | half);
}

static inline float bf16_to_f32(uint16_t bits) {
  return float_of(static_cast<uint32_t>(bits) << 16);
}

}  // namespace chord::cpu::kernels
