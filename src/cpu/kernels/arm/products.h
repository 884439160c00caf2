// The primitives of generic/panel_product.h with the dot products of Armv8.2. Both operands are signed bytes,
// which all quanta fit.
#pragma once

#include <arm_neon.h>
#include <stdint.h>

namespace chord::cpu::kernels::neon {

// Rows 0 to 3 and rows 4 to 7.
struct Halves {
  uint8x16_t half[2];
};

// V is the variant's Vector.
template <class V>
struct Products {
  // For eight rows; of Words, two for each.
  using F = float __attribute__((vector_size(32)));
  using I = int32_t __attribute__((vector_size(32)));
  using Words = int16_t __attribute__((vector_size(32)));
  using Mask = uint8x16_t;  // of both halves
  using Table = int8x16_t;
  using ForUnsigned = int8_t;
  using ForSigned = int8_t;
  using Unsigned = Halves;
  using Signed = Halves;
  using Partial = I;
  using Scale = I;
  static constexpr uint32_t kTokens = 4;

  template <class T>
  static T join(uint8x16_t low, uint8x16_t high) {
    using Longs = int64_t __attribute__((vector_size(16)));
    return T(__builtin_shufflevector(Longs(low), Longs(high), 0, 1, 2, 3));
  }
  template <class T>
  static Halves halves(T x) {
    using Longs = int64_t __attribute__((vector_size(32)));
    return {{uint8x16_t(__builtin_shufflevector(Longs(x), Longs(x), 0, 1)),
             uint8x16_t(__builtin_shufflevector(Longs(x), Longs(x), 2, 3))}};
  }

  static F splat(float x) { return join<F>(uint8x16_t(vdupq_n_f32(x)), uint8x16_t(vdupq_n_f32(x))); }
  static I splat_integer(int32_t x) {
    return join<I>(uint8x16_t(vdupq_n_s32(x)), uint8x16_t(vdupq_n_s32(x)));
  }
  static F load_floats(const float* p) {
    return join<F>(uint8x16_t(vld1q_f32(p)), uint8x16_t(vld1q_f32(p + 4)));
  }
  struct HalfLoader {
    F load(const uint16_t* p) const {
      return join<F>(uint8x16_t(V::load_halves(p)), uint8x16_t(V::load_halves(p + 4)));
    }
  };
  static void store(float* p, F x) {
    const Halves halves = Products::halves(x);
    for (uint32_t h = 0; h < 2; ++h) vst1q_f32(p + 4 * h, float32x4_t(halves.half[h]));
  }
  static F to_floats(I x) { return __builtin_convertvector(x, F); }
  static F add_product(F sum, F a, F b) {
    const Halves sums = halves(sum);
    const Halves as = halves(a);
    const Halves bs = halves(b);
    uint8x16_t results[2];
    for (uint32_t h = 0; h < 2; ++h) {
      results[h] =
          uint8x16_t(vfmaq_f32(float32x4_t(sums.half[h]), float32x4_t(as.half[h]), float32x4_t(bs.half[h])));
    }
    return join<F>(results[0], results[1]);
  }

  static Words load_words(const int8_t* p) {
    return join<Words>(uint8x16_t(vmovl_s8(vld1_s8(p))), uint8x16_t(vmovl_s8(vld1_s8(p + 8))));
  }
  static Words load_words(const uint8_t* p) {
    return join<Words>(uint8x16_t(vmovl_u8(vld1_u8(p))), uint8x16_t(vmovl_u8(vld1_u8(p + 8))));
  }
  // The first word of each row; and the second one in its place.
  static I even_integers(Words x) { return I(x) << 16 >> 16; }
  static Words odd_to_even(Words x) { return Words(I(x) >> 16); }
  // total += x's two words of each row times sums[0] and sums[1]
  static void add_pairs(I& total, Words x, const int16_t* sums) {
    total += even_integers(x) * sums[0] + (I(x) >> 16) * sums[1];
  }

  static Halves load(const uint8_t* p) { return {{vld1q_u8(p), vld1q_u8(p + 16)}}; }
  static Mask mask(uint8_t bits) { return vdupq_n_u8(bits); }
  static Mask byte_mask(uint8_t bits) { return mask(bits); }
  // The kBits from `from` of every byte, moved to `to`.
  template <uint32_t kBits>
  static Unsigned field(Halves x, uint32_t from, uint32_t to, Mask mask) {
    const auto shift = vdupq_n_s8(static_cast<int8_t>(static_cast<int>(to) - static_cast<int>(from)));
    for (uint8x16_t& half : x.half) half = vandq_u8(vshlq_u8(half, shift), mask);
    return x;
  }
  static Unsigned join(const Unsigned& a, const Unsigned& b) {
    return {{vorrq_u8(a.half[0], b.half[0]), vorrq_u8(a.half[1], b.half[1])}};
  }
  static Halves nibbles(Halves x, uint32_t shift, Mask mask) { return field<4>(x, shift, 0, mask); }
  static Table table(const int8_t* levels) { return vld1q_s8(levels); }
  static Halves lookup(Table table, Halves indices) {
    for (uint8x16_t& half : indices.half) half = uint8x16_t(vqtbl1q_s8(table, half));
    return indices;
  }

  // How many groups of a type a Partial holds: any, being of 32 bits.
  static constexpr uint32_t fold_after(uint32_t /*bits*/) { return 8; }
  static void dot(Partial& sum, const Unsigned& q, const int8_t* x) {
    int32_t four = 0;
    __builtin_memcpy(&four, x, sizeof four);
    const int8x16_t activations = vreinterpretq_s8_s32(vdupq_n_s32(four));
    Halves sums = halves(sum);
    for (uint32_t h = 0; h < 2; ++h) {
      sums.half[h] = uint8x16_t(vdotq_s32(int32x4_t(sums.half[h]), int8x16_t(q.half[h]), activations));
    }
    sum = join<I>(sums.half[0], sums.half[1]);
  }
  struct NoScale {};
  static NoScale no_scale() { return {}; }
  static void fold(I& total, Partial partial, NoScale /*none*/) { total += partial; }
  static void fold(I& total, Partial partial, Scale scale) { total += partial * scale; }
  static Scale even(Words scales) { return even_integers(scales); }

  static Signed widen(Halves x) { return x; }
  static I start_signed(int32_t /*sum*/) { return I{}; }
  static void dot_signed(I& sum, const Signed& q, const int8_t* x) { dot(sum, q, x); }
};

}  // namespace chord::cpu::kernels::neon
