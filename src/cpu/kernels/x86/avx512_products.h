// The primitives of generic/panel_product.h with the integer dot product of AVX-512 VNNI, in vectors of 256
// bits.
#pragma once

#include "cpu/kernels/x86/panel_vectors.h"

namespace chord::cpu::kernels::avx512 {

template <class V>
struct Products : x86::PanelVectors<V> {
  using Base = x86::PanelVectors<V>;
  using I = Base::I;
  using Words = Base::Words;
  using Unsigned = Base::Unsigned;
  using Partial = I;
  using Scale = I;
  // With 32 registers.
  static constexpr uint32_t kTokens = 8;

  // How many groups of a type a Partial holds: any, being of 32 bits.
  static constexpr uint32_t fold_after(uint32_t /*bits*/) { return 8; }
  static void dot(Partial& sum, Unsigned q, const int8_t* x) {
    sum = I(_mm256_dpbusd_epi32(__m256i(sum), q, Base::load_four(x)));
  }
  struct NoScale {};
  static NoScale no_scale() { return {}; }
  static void fold(I& total, Partial partial, NoScale /*none*/) { total += partial; }
  static void fold(I& total, Partial partial, Scale scale) { total += partial * scale; }
  static Scale even(Words scales) { return Base::even_integers(scales); }

  // The instruction wants one unsigned operand: weights get 128 more, and sums begin with -128 times that of
  // the activations.
  using Signed = __m256i;
  static Signed widen(__m256i x) { return _mm256_xor_si256(x, _mm256_set1_epi8(INT8_MIN)); }
  static I start_signed(int32_t sum) { return I(_mm256_set1_epi32(-128 * sum)); }
  static void dot_signed(I& sum, Signed q, const int8_t* x) { dot(sum, q, x); }
};

}  // namespace chord::cpu::kernels::avx512
