// What the two WebAssembly variants of the panel products share: a group's 32 bytes are two vectors, of rows
// 0 to 3 and of rows 4 to 7.
#pragma once

#include <stdint.h>
#include <wasm_simd128.h>

#include "cpu/kernels/wasm/opaque.h"

namespace chord::cpu::kernels::wasm {

struct Halves {
  v128_t half[2];
};

// V is the variant's Vector.
template <class V>
struct PanelVectors {
  // For eight rows; of Words, two for each.
  using F = float __attribute__((vector_size(32)));
  using I = int32_t __attribute__((vector_size(32)));
  using Words = int16_t __attribute__((vector_size(32)));
  using Mask = v128_t;  // of both halves
  using Table = v128_t;

  template <class T>
  static v128_t low(T x) {
    using Longs = int64_t __attribute__((vector_size(32)));
    return v128_t(__builtin_shufflevector(Longs(x), Longs(x), 0, 1));
  }
  template <class T>
  static v128_t high(T x) {
    using Longs = int64_t __attribute__((vector_size(32)));
    return v128_t(__builtin_shufflevector(Longs(x), Longs(x), 2, 3));
  }
  template <class T>
  static Halves halves(T x) {
    return {{low(x), high(x)}};
  }
  template <class T>
  static T join(v128_t low, v128_t high) {
    using Longs = int64_t __attribute__((vector_size(16)));
    return T(__builtin_shufflevector(Longs(low), Longs(high), 0, 1, 2, 3));
  }

  static F splat(const float& x) { return join<F>(wasm_v128_load32_splat(&x), wasm_v128_load32_splat(&x)); }
  static I splat_integer(const int32_t& x) {
    return join<I>(wasm_v128_load32_splat(&x), wasm_v128_load32_splat(&x));
  }
  static F load_floats(const float* p) { return join<F>(wasm_v128_load(p), wasm_v128_load(p + 4)); }
  // As half.h does it, but no operand is subnormal: processors take tens of cycles over those, and the scales
  // of the K-quants usually are, as halves. Scales are finite: infinity comes out as 65536.
  struct HalfLoader {
    v128_t magnitude = opaque(wasm_i32x4_splat(0x0fffe000));
    v128_t rebias = opaque(wasm_i32x4_splat(112 << 23));
    v128_t smallest = opaque(wasm_f32x4_splat(0x1p-14f));  // normal half
    v128_t sign = opaque(wasm_i32x4_splat(INT32_MIN));

    v128_t four(const uint16_t* p) const {
      const v128_t bits = wasm_i32x4_load16x4(p);
      const v128_t normal = wasm_i32x4_add(wasm_v128_and(wasm_i32x4_shl(bits, 13), magnitude), rebias);
      // A subnormal half has become 2^-15 + value / 2.
      const v128_t rest = wasm_f32x4_sub(normal, smallest);
      const v128_t value = wasm_f32x4_add(normal, wasm_v128_and(wasm_f32x4_lt(normal, smallest), rest));
      return wasm_v128_or(value, wasm_v128_and(bits, sign));
    }
    F load(const uint16_t* p) const { return join<F>(four(p), four(p + 4)); }
  };
  static void store(float* p, F x) {
    wasm_v128_store(p, low(x));
    wasm_v128_store(p + 4, high(x));
  }
  static F to_floats(I x) { return __builtin_convertvector(x, F); }
  // A product and a sum, so that no bit depends on whether an engine fuses them.
  static F add_product(F sum, F a, F b) { return sum + a * b; }

  static Words load_words(const int8_t* p) {
    return join<Words>(wasm_i16x8_load8x8(p), wasm_i16x8_load8x8(p + 8));
  }
  static Words load_words(const uint8_t* p) {
    return join<Words>(wasm_u16x8_load8x8(p), wasm_u16x8_load8x8(p + 8));
  }
  // The first word of each row; and the second one in its place.
  static I even_integers(Words x) { return I(x) << 16 >> 16; }
  static Words odd_to_even(Words x) { return Words(I(x) >> 16); }
  // total += x's two words of each row times sums[0] and sums[1]
  static void add_pairs(I& total, Words x, const int16_t* sums) {
    const v128_t pair = wasm_v128_load32_splat(sums);
    total += join<I>(wasm_i32x4_dot_i16x8(low(x), pair), wasm_i32x4_dot_i16x8(high(x), pair));
  }

  static Halves load(const uint8_t* p) { return {{wasm_v128_load(p), wasm_v128_load(p + 16)}}; }
  static Table table(const int8_t* levels) { return opaque(wasm_v128_load(levels)); }
  static v128_t byte_mask(uint8_t bits) { return opaque(wasm_i8x16_splat(static_cast<int8_t>(bits))); }
  // Bytes (x >> shift) & 15
  static Halves nibbles(Halves x, uint32_t shift, v128_t mask) {
    for (v128_t& half : x.half) half = wasm_v128_and(wasm_u16x8_shr(half, shift), mask);
    return x;
  }
  static Halves lookup(Table table, Halves indices) {
    for (v128_t& half : indices.half) half = V::swizzle(table, half);
    return indices;
  }

  // Words of a group: the even columns and the odd ones. Activations come as words in the order 0, 2, 1, 3,
  // so that a 32-bit load gives those that meet either.
  struct Planes {
    Halves even;
    Halves odd;
  };
  static void dot(I& sum, const Planes& q, const int16_t* x) {
    const v128_t even = wasm_v128_load32_splat(x);
    const v128_t odd = wasm_v128_load32_splat(x + 2);
    Halves sums = halves(sum);
    for (uint32_t h = 0; h < 2; ++h) {
      sums.half[h] = pinned(wasm_i32x4_add(sums.half[h], wasm_i32x4_dot_i16x8(q.even.half[h], even)));
      sums.half[h] = pinned(wasm_i32x4_add(sums.half[h], wasm_i32x4_dot_i16x8(q.odd.half[h], odd)));
    }
    sum = join<I>(sums.half[0], sums.half[1]);
  }

  // Signed bytes have no room in seven bits: they are multiplied as words.
  using ForSigned = int16_t;
  using Signed = Planes;
  static Signed widen(Halves x) {
    Planes planes;
    for (uint32_t h = 0; h < 2; ++h) {
      planes.even.half[h] = wasm_i16x8_shr(wasm_i16x8_shl(x.half[h], 8), 8);
      planes.odd.half[h] = wasm_i16x8_shr(x.half[h], 8);
    }
    return planes;
  }
  static I start_signed(int32_t /*sum*/) { return I{}; }
  static void dot_signed(I& sum, const Signed& q, const int16_t* x) { dot(sum, q, x); }
};

}  // namespace chord::cpu::kernels::wasm
