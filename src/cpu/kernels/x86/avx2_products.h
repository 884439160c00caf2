// The primitives of generic/panel_product.h in AVX2.
#pragma once

#include "cpu/kernels/x86/panel_vectors.h"

namespace chord::cpu::kernels::avx2 {

template <class V>
struct Products : x86::PanelVectors<V> {
  using Base = x86::PanelVectors<V>;
  using I = Base::I;
  using Words = Base::Words;
  using Unsigned = Base::Unsigned;

  using Partial = __m256i;  // words, two of each row
  using Scale = __m256i;    // likewise, both the same
  using NoScale = __m256i;

  static constexpr uint32_t kTokens = 4;

  // How many groups of a type a Partial holds: a word gets two products of at most 127 * (2^bits - 1) from
  // each.
  static constexpr uint32_t fold_after(uint32_t bits) { return bits <= 4 ? 8 : bits == 5 ? 4 : 2; }
  static void dot(Partial& sum, Unsigned q, const int8_t* x) {
    sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(q, Base::load_four(x)));
  }
  static void fold(I& total, Partial partial, Scale scale) { total += I(_mm256_madd_epi16(partial, scale)); }
  static NoScale no_scale() { return _mm256_set1_epi16(1); }
  static Scale even(Words x) {
    return __m256i(__builtin_shufflevector(x, x, 0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14));
  }

  // The unsigned operand is the magnitude of the weight (128 too), and its sign goes over to the activation.
  struct Signed {
    __m256i value;
    __m256i magnitude;
  };
  static Signed widen(__m256i x) { return {.value = x, .magnitude = _mm256_abs_epi8(x)}; }
  static I start_signed(int32_t /*sum*/) { return I{}; }
  static void dot_signed(I& sum, const Signed& q, const int8_t* x) {
    const __m256i activations = _mm256_sign_epi8(Base::load_four(x), q.value);
    const __m256i words = _mm256_maddubs_epi16(q.magnitude, activations);
    sum += I(_mm256_madd_epi16(words, _mm256_set1_epi16(1)));
  }
};

}  // namespace chord::cpu::kernels::avx2
