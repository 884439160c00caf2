// The primitives of generic/panel_product.h in baseline SIMD128: everything is a product of words.
#pragma once

#include "cpu/kernels/wasm/panel_vectors.h"

namespace chord::cpu::kernels::simd128 {

template <class V>
struct Products : wasm::PanelVectors<V> {
  using Base = wasm::PanelVectors<V>;
  using I = Base::I;
  using Words = Base::Words;
  using Unsigned = Base::Planes;
  using ForUnsigned = int16_t;
  using Partial = I;
  using Scale = I;
  // Eight sums, two vectors of weights and two of activations fit the 15 registers that V8 has on x86.
  static constexpr uint32_t kTokens = 4;

  // Of words.
  static v128_t mask(uint8_t bits) { return wasm::opaque(wasm_i16x8_splat(bits)); }
  // The kBits from `from` of every byte, moved to `to`.
  template <uint32_t kBits>
  static Unsigned field(wasm::Halves x, uint32_t from, uint32_t to, v128_t mask) {
    Unsigned q;
    for (uint32_t h = 0; h < 2; ++h) {
      const v128_t even =
          from < to ? wasm_i16x8_shl(x.half[h], to - from) : wasm_u16x8_shr(x.half[h], from - to);
      const v128_t odd = wasm_u16x8_shr(x.half[h], 8 + from - to);
      q.even.half[h] = wasm_v128_and(even, mask);
      q.odd.half[h] = from + kBits == 8 && to == 0 ? odd : wasm_v128_and(odd, mask);
    }
    return q;
  }
  static Unsigned join(const Unsigned& a, const Unsigned& b) {
    Unsigned q;
    for (uint32_t h = 0; h < 2; ++h) {
      q.even.half[h] = wasm_v128_or(a.even.half[h], b.even.half[h]);
      q.odd.half[h] = wasm_v128_or(a.odd.half[h], b.odd.half[h]);
    }
    return q;
  }

  // How many groups of a type a Partial holds: any, being of 32 bits.
  static constexpr uint32_t fold_after(uint32_t /*bits*/) { return 8; }
  using Base::dot;
  struct NoScale {};
  static NoScale no_scale() { return {}; }
  static void fold(I& total, Partial partial, NoScale /*none*/) { total += partial; }
  static void fold(I& total, Partial partial, Scale scale) { total += partial * scale; }
  static Scale even(Words scales) { return Base::even_integers(scales); }
};

}  // namespace chord::cpu::kernels::simd128
