// The primitives of NEON. V is the variant's Vector, which stands on this one.
#pragma once

#include <arm_neon.h>
#include <stdint.h>

#include "cpu/kernels/half.h"

namespace chord::cpu::kernels::neon {

template <class V>
struct BasicVector {
  BasicVector() = delete;

  static constexpr uint32_t kLanes = 4;
  using F = float __attribute__((vector_size(16)));
  using I = int32_t __attribute__((vector_size(16)));

  static F load(const float* p) { return F(vld1q_f32(p)); }
  static void store(float* p, F x) { vst1q_f32(p, float32x4_t(x)); }
  static F splat(float x) { return F(vdupq_n_f32(x)); }

  // Rounded once, as with AVX2.
  static F add_product(F sum, F a, F b) {
    return F(vfmaq_f32(float32x4_t(sum), float32x4_t(a), float32x4_t(b)));
  }

  // b where either is NaN.
  static F min(F a, F b) { return a < b ? a : b; }
  static F max(F a, F b) { return a > b ? a : b; }

  static bool any(I mask) { return vmaxvq_u32(uint32x4_t(mask)) != 0; }

  static float sum(F x) { return (x[0] + x[2]) + (x[1] + x[3]); }
  // out[i] = sum(x[i]), to the bit.
  static void sums(const F (&x)[4], float* out) {
    for (uint32_t i = 0; i < 4; ++i) out[i] = sum(x[i]);
  }

  // p[0], p[2], … and p[1], p[3], …
  static void load_pairs(const float* p, F& even, F& odd) {
    const float32x4x2_t pairs = vld2q_f32(p);
    even = F(pairs.val[0]);
    odd = F(pairs.val[1]);
  }
  static void store_pairs(float* p, F even, F odd) {
    const float32x4x2_t pairs = {{float32x4_t(even), float32x4_t(odd)}};
    vst2q_f32(p, pairs);
  }

  static float widen_half(uint16_t half) { return f16_to_f32(half); }
  static F load_halves(const uint16_t* p) { return F(vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)))); }
  // Many of them.
  static void widen_halves(const uint16_t* p, uint32_t count, float* out) {
    for (uint32_t i = 0; i < count; i += kLanes) store(out + i, load_halves(p + i));
  }
  static void store_halves(uint16_t* p, F x) {
    vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(float32x4_t(x))));
  }
  struct HalfLoader {
    F load(const uint16_t* p) const { return load_halves(p); }
  };
  static F load_bf16(const uint16_t* p) { return F(vshll_n_u16(vld1_u16(p), 16)); }

  // Sixteen bytes.
  static void to_floats(const int8_t* p, F (&out)[4]) {
    const int8x16_t bytes = vld1q_s8(p);
    const int16x8_t words[2] = {vmovl_s8(vget_low_s8(bytes)), vmovl_s8(vget_high_s8(bytes))};
    for (uint32_t h = 0; h < 2; ++h) {
      out[2 * h] = F(vcvtq_f32_s32(vmovl_s16(vget_low_s16(words[h]))));
      out[2 * h + 1] = F(vcvtq_f32_s32(vmovl_s16(vget_high_s16(words[h]))));
    }
  }
};

}  // namespace chord::cpu::kernels::neon
