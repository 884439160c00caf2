// The primitives of AVX2, F16C and FMA, which both x86 variants use. V is the variant's Vector, which stands
// on this one: each variant has functions of its own, compiled with its flags.
#pragma once

#include <immintrin.h>
#include <stdint.h>

namespace chord::cpu::kernels::x86 {

template <class V>
struct BasicVector {
  BasicVector() = delete;

  static constexpr uint32_t kLanes = 8;
  using F = float __attribute__((vector_size(32)));
  using I = int32_t __attribute__((vector_size(32)));

  static F load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, F x) { _mm256_storeu_ps(p, x); }
  static F splat(float x) { return _mm256_set1_ps(x); }

  // sum + a * b, rounded once: the long sums are faster and more exact for it, and differ from other
  // variants' in the last places. What has to have the same bits everywhere does not use it.
  static F add_product(F sum, F a, F b) { return _mm256_fmadd_ps(a, b, sum); }

  // b where either is NaN.
  static F min(F a, F b) { return _mm256_min_ps(a, b); }
  static F max(F a, F b) { return _mm256_max_ps(a, b); }

  static bool any(I mask) { return _mm256_movemask_ps(_mm256_castsi256_ps(__m256i(mask))) != 0; }

  static float sum(F x) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
  }
  // out[i] = sum(x[i]), to the bit.
  static void sums(const F (&x)[4], float* out) {
    __m128 four[4];
    for (uint32_t i = 0; i < 4; ++i) {
      four[i] = _mm_add_ps(_mm256_castps256_ps128(x[i]), _mm256_extractf128_ps(x[i], 1));
    }
    _MM_TRANSPOSE4_PS(four[0], four[1], four[2], four[3]);
    _mm_storeu_ps(out, _mm_add_ps(_mm_add_ps(four[0], four[2]), _mm_add_ps(four[1], four[3])));
  }

  // p[0], p[2], … and p[1], p[3], …
  static void load_pairs(const float* p, F& even, F& odd) {
    const F low = load(p);
    const F high = load(p + kLanes);
    even = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14);
    odd = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
  }
  static void store_pairs(float* p, F even, F odd) {
    store(p, __builtin_shufflevector(even, odd, 0, 8, 1, 9, 2, 10, 3, 11));
    store(p + kLanes, __builtin_shufflevector(even, odd, 4, 12, 5, 13, 6, 14, 7, 15));
  }

  static float widen_half(uint16_t half) { return _cvtsh_ss(half); }
  static F load_halves(const uint16_t* p) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  // Many of them.
  static void widen_halves(const uint16_t* p, uint32_t count, float* out) {
    for (uint32_t i = 0; i < count; i += kLanes) store(out + i, load_halves(p + i));
  }
  static void store_halves(uint16_t* p, F x) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
  }
  struct HalfLoader {
    F load(const uint16_t* p) const { return load_halves(p); }
  };
  static F load_bf16(const uint16_t* p) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
  }

  // Sixteen bytes.
  static void to_floats(const int8_t* p, F (&out)[2]) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    out[0] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
    out[1] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_unpackhi_epi64(bytes, bytes)));
  }
};

}  // namespace chord::cpu::kernels::x86
