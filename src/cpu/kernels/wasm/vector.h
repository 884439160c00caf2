// The primitives that the WebAssembly variants share. V is the variant's Vector, which stands on this one:
// each variant has functions of its own, compiled with its flags.
#pragma once

#include <stdint.h>
#include <wasm_simd128.h>

#include "cpu/kernels/half.h"
#include "cpu/kernels/wasm/opaque.h"

namespace chord::cpu::kernels::wasm {

template <class V>
struct BasicVector {
  BasicVector() = delete;

  static constexpr uint32_t kLanes = 4;
  using F = float __attribute__((vector_size(16)));
  using I = int32_t __attribute__((vector_size(16)));

  static F load(const float* p) { return F(wasm_v128_load(p)); }
  static void store(float* p, F x) { wasm_v128_store(p, v128_t(x)); }
  static F splat(float x) { return F(wasm_f32x4_splat(x)); }

  static F add_product(F sum, F a, F b) { return sum + a * b; }

  // b where either is NaN. As pmin and pmax are defined, that takes swapped operands, which is also what lets
  // x86 do each with one instruction.
  static F min(F a, F b) { return F(wasm_f32x4_pmin(v128_t(b), v128_t(a))); }
  static F max(F a, F b) { return F(wasm_f32x4_pmax(v128_t(b), v128_t(a))); }

  static bool any(I mask) { return wasm_v128_any_true(v128_t(mask)); }

  static float sum(F x) { return (x[0] + x[2]) + (x[1] + x[3]); }
  // out[i] = sum(x[i]), to the bit.
  static void sums(const F (&x)[4], float* out) {
    const F low01 = __builtin_shufflevector(x[0], x[1], 0, 4, 1, 5);
    const F high01 = __builtin_shufflevector(x[0], x[1], 2, 6, 3, 7);
    const F low23 = __builtin_shufflevector(x[2], x[3], 0, 4, 1, 5);
    const F high23 = __builtin_shufflevector(x[2], x[3], 2, 6, 3, 7);
    const F sum01 = low01 + high01;  // x0[0] + x0[2], x1[0] + x1[2], x0[1] + x0[3], x1[1] + x1[3]
    const F sum23 = low23 + high23;
    store(out, __builtin_shufflevector(sum01, sum23, 0, 1, 4, 5) +
                   __builtin_shufflevector(sum01, sum23, 2, 3, 6, 7));
  }

  // p[0], p[2], … and p[1], p[3], …
  static void load_pairs(const float* p, F& even, F& odd) {
    const F low = load(p);
    const F high = load(p + kLanes);
    even = __builtin_shufflevector(low, high, 0, 2, 4, 6);
    odd = __builtin_shufflevector(low, high, 1, 3, 5, 7);
  }
  static void store_pairs(float* p, F even, F odd) {
    store(p, __builtin_shufflevector(even, odd, 0, 4, 1, 5));
    store(p + kLanes, __builtin_shufflevector(even, odd, 2, 6, 3, 7));
  }

  static float widen_half(uint16_t half) { return f16_to_f32(half); }
  // There are no lanes of 16-bit floats: see half.h. The shift of a sign-extended half puts the sign in
  // place.
  static F load_halves(const uint16_t* p) {
    const v128_t shifted = wasm_i32x4_shl(wasm_i32x4_load16x4(p), 13);
    const v128_t unbiased = wasm_v128_and(shifted, wasm_i32x4_const_splat(static_cast<int32_t>(0x8fffe000)));
    const v128_t value = wasm_f32x4_mul(unbiased, wasm_f32x4_const_splat(0x1p112f));
    // What comes out at 65536 or above was infinity or NaN.
    const v128_t special = wasm_f32x4_ge(wasm_f32x4_abs(value), wasm_f32x4_const_splat(65536));
    return F(wasm_v128_or(value, wasm_v128_and(special, wasm_i32x4_const_splat(0x7f800000))));
  }
  // Many of them. Infinity and NaN are rare: what has any is done again.
  static void widen_halves(const uint16_t* p, uint32_t count, float* out) {
    // Laundered: V8 would make the constants anew for every vector.
    v128_t mask = wasm_i32x4_const_splat(static_cast<int32_t>(0x8fffe000));
    v128_t factor = wasm_f32x4_const_splat(0x1p112f);
    asm volatile("" : "+r"(mask), "+r"(factor));
    const auto widen = [&](v128_t words) {
      return F(wasm_f32x4_mul(wasm_v128_and(wasm_i32x4_shl(words, 13), mask), factor));
    };
    v128_t largest = wasm_i16x8_const_splat(0);
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) {
      const v128_t halves = wasm_v128_load(p + i);
      largest = wasm_u16x8_max(largest, wasm_i16x8_shl(halves, 1));
      store(out + i, widen(wasm_i32x4_extend_low_i16x8(halves)));
      store(out + i + 4, widen(wasm_i32x4_extend_high_i16x8(halves)));
    }
    if (wasm_v128_any_true(wasm_u16x8_ge(largest, wasm_i16x8_const_splat(static_cast<int16_t>(0xf800)))))
      i = 0;
    for (; i < count; i += 4) store(out + i, load_halves(p + i));
  }
  static void store_halves(uint16_t* p, F x) {
    const I magnitude = I(x) & INT32_MAX;
    const I sign = (I(x) >> 16) & 0x8000;
    const I normal = (magnitude + (0xfff - (112 << 23)) + ((magnitude >> 13) & 1)) >> 13;
    const I subnormal = I(F(magnitude) + 0.5f) - 0x3f000000;
    const I nan = ((magnitude >> 13) & 0x3ff) | 0x7e00;
    I half = magnitude < 0x38800000 ? subnormal : normal;
    half = magnitude >= 0x477ff000 ? I{} + 0x7c00 : half;
    half = (magnitude > 0x7f800000 ? nan : half) | sign;
    wasm_v128_store64_lane(
        p, wasm_i8x16_shuffle(v128_t(half), v128_t(half), 0, 1, 4, 5, 8, 9, 12, 13, 0, 1, 4, 5, 8, 9, 12, 13),
        0);
  }
  // For weights, which are finite: infinity comes out as 65536.
  struct HalfLoader {
    v128_t mask = opaque(wasm_i32x4_splat(static_cast<int32_t>(0x8fffe000)));
    v128_t factor = opaque(wasm_f32x4_splat(0x1p112f));

    F load(const uint16_t* p) const {
      return F(wasm_f32x4_mul(wasm_v128_and(wasm_i32x4_shl(wasm_i32x4_load16x4(p), 13), mask), factor));
    }
  };
  static F load_bf16(const uint16_t* p) { return F(wasm_i32x4_shl(wasm_u32x4_load16x4(p), 16)); }

  // Sixteen bytes.
  static void to_floats(const int8_t* p, F (&out)[4]) {
    const v128_t bytes = wasm_v128_load(p);
    const v128_t low = wasm_i16x8_extend_low_i8x16(bytes);
    const v128_t high = wasm_i16x8_extend_high_i8x16(bytes);
    out[0] = F(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(low)));
    out[1] = F(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(low)));
    out[2] = F(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(high)));
    out[3] = F(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(high)));
  }
};

}  // namespace chord::cpu::kernels::wasm
