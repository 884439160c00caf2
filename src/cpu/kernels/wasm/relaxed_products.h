// The primitives of generic/panel_product.h in relaxed SIMD.
//
// The relaxed dot product is exact on every processor as long as its second operand has at most seven bits,
// so that is where the quanta are, if they are unsigned: these have at most six.
#pragma once

#include "cpu/kernels/quantized.h"
#include "cpu/kernels/wasm/panel_vectors.h"

namespace chord::cpu::kernels::relaxed {

template <class V>
struct ProductsForOne;

template <class V>
struct Products : wasm::PanelVectors<V> {
  using ForOne = ProductsForOne<V>;
  using Base = wasm::PanelVectors<V>;
  using I = Base::I;
  using Words = Base::Words;
  using Unsigned = wasm::Halves;
  using ForUnsigned = int8_t;
  using Partial = wasm::Halves;  // words, two of each row
  using Scale = wasm::Halves;    // likewise, both the same
  // Eight sums, two vectors of weights and one of activations fit the 15 registers that V8 has on x86.
  static constexpr uint32_t kTokens = 4;
  // V8 keeps the counter of a loop this short in memory.
  static constexpr uint32_t kSubBlocks = 2;

  static v128_t mask(uint8_t bits) { return Base::byte_mask(bits); }
  // The kBits from `from` of every byte, moved to `to`. Words are shifted, for which every processor has an
  // instruction; the mask drops what came over from the neighbour.
  template <uint32_t kBits>
  static Unsigned field(wasm::Halves x, uint32_t from, uint32_t to, v128_t mask) {
    for (v128_t& half : x.half) {
      half =
          wasm_v128_and(from < to ? wasm_i16x8_shl(half, to - from) : wasm_u16x8_shr(half, from - to), mask);
    }
    return x;
  }
  static Unsigned join(const Unsigned& a, const Unsigned& b) {
    return {{wasm_v128_or(a.half[0], b.half[0]), wasm_v128_or(a.half[1], b.half[1])}};
  }

  // How many groups of a type a Partial holds: a word gets two products of at most 127 * (2^bits - 1) from
  // each.
  static constexpr uint32_t fold_after(uint32_t bits) { return bits <= 4 ? 8 : bits == 5 ? 4 : 2; }
  static void dot(Partial& sum, const Unsigned& q, const int8_t* x) {
    const v128_t activations = wasm_v128_load32_splat(x);
    for (uint32_t h = 0; h < 2; ++h) {
      const v128_t products = wasm_i16x8_relaxed_dot_i8x16_i7x16(activations, q.half[h]);
      sum.half[h] = wasm::pinned(wasm_i16x8_add(sum.half[h], products));
    }
  }
  static void fold(I& total, const Partial& partial, const Scale& scale) {
    total += Base::template join<I>(wasm_i32x4_dot_i16x8(partial.half[0], scale.half[0]),
                                    wasm_i32x4_dot_i16x8(partial.half[1], scale.half[1]));
  }
  using NoScale = v128_t;
  static NoScale no_scale() { return wasm::opaque(wasm_i16x8_splat(1)); }
  static void fold(I& total, const Partial& partial, NoScale ones) { fold(total, partial, {{ones, ones}}); }
  static Scale even(Words scales) {
    return Base::halves(
        __builtin_shufflevector(scales, scales, 0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14));
  }
};

// Of one token: widening signed weights to words is most of the work if nothing else shares it. Here they
// stay bytes, and the operand of seven bits are the activations without their signs. Where one is below zero
// the weight w becomes -w - 1, by a single instruction; the sum of those activations makes up for the ones.
template <class V>
struct ProductsForOne : Products<V> {
  using Base = wasm::PanelVectors<V>;
  using I = Base::I;
  using ForSigned = Parted;
  using Signed = wasm::Halves;

  static Signed widen(wasm::Halves x) { return x; }
  static I start_signed(int32_t sum) { return I{} + sum; }
  static void dot_signed(I& sum, const Signed& q, const Parted* x) {
    const v128_t magnitudes = wasm_v128_load32_splat(x);
    const v128_t signs = wasm_v128_load32_splat(x + 2);
    // Not extadd_pairwise: V8 loads its ones from memory, and has five instructions for what LLVM makes of
    // it.
    const v128_t ones = Products<V>::no_scale();
    wasm::Halves sums = Base::halves(sum);
    for (uint32_t h = 0; h < 2; ++h) {
      // A word gets two products of at most 127 * 128.
      const v128_t products = wasm_i16x8_relaxed_dot_i8x16_i7x16(wasm_v128_xor(q.half[h], signs), magnitudes);
      sums.half[h] = wasm::pinned(wasm_i32x4_add(sums.half[h], wasm_i32x4_dot_i16x8(products, ones)));
    }
    sum = Base::template join<I>(sums.half[0], sums.half[1]);
  }
};

}  // namespace chord::cpu::kernels::relaxed
