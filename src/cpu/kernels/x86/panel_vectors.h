// What the two x86 variants of the panel products share: a group is one vector.
#pragma once

#include <immintrin.h>
#include <stdint.h>

namespace chord::cpu::kernels::x86 {

// V is the variant's Vector.
template <class V>
struct PanelVectors {
  // For eight rows; of Words, two for each.
  using F = float __attribute__((vector_size(32)));
  using I = int32_t __attribute__((vector_size(32)));
  using Words = int16_t __attribute__((vector_size(32)));
  using Mask = __m256i;
  using Table = __m256i;
  using ForUnsigned = int8_t;
  using ForSigned = int8_t;
  using Unsigned = __m256i;

  static F splat(float x) { return _mm256_set1_ps(x); }
  static I splat_integer(int32_t x) { return I(_mm256_set1_epi32(x)); }
  static F load_floats(const float* p) { return _mm256_loadu_ps(p); }
  struct HalfLoader {
    F load(const uint16_t* p) const {
      return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
  };
  static void store(float* p, F x) { _mm256_storeu_ps(p, x); }
  static F to_floats(I x) { return _mm256_cvtepi32_ps(__m256i(x)); }
  static F add_product(F sum, F a, F b) { return _mm256_fmadd_ps(a, b, sum); }

  static Words load_words(const int8_t* p) {
    return Words(_mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
  }
  static Words load_words(const uint8_t* p) {
    return Words(_mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
  }
  // The first word of each row; and the second one in its place.
  static I even_integers(Words x) { return I(x) << 16 >> 16; }
  static Words odd_to_even(Words x) { return Words(I(x) >> 16); }
  // total += x's two words of each row times sums[0] and sums[1]
  static void add_pairs(I& total, Words x, const int16_t* sums) {
    total += I(_mm256_madd_epi16(__m256i(x), load_four(sums)));
  }

  static __m256i load(const uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static Mask mask(uint8_t bits) { return _mm256_set1_epi8(static_cast<char>(bits)); }
  static Mask byte_mask(uint8_t bits) { return mask(bits); }
  // The kBits from `from` of every byte, moved to `to`. The mask drops what came over from the neighbour.
  template <uint32_t kBits>
  static Unsigned field(__m256i x, uint32_t from, uint32_t to, Mask mask) {
    const int shift = static_cast<int>(from) - static_cast<int>(to);
    return _mm256_and_si256(shift < 0 ? _mm256_slli_epi16(x, -shift) : _mm256_srli_epi16(x, shift), mask);
  }
  static Unsigned join(Unsigned a, Unsigned b) { return _mm256_or_si256(a, b); }
  static __m256i nibbles(__m256i x, uint32_t shift, Mask mask) { return field<4>(x, shift, 0, mask); }
  static Table table(const int8_t* levels) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(levels)));
  }
  static __m256i lookup(Table table, __m256i indices) { return _mm256_shuffle_epi8(table, indices); }

  // Four bytes in every lane.
  static __m256i load_four(const void* p) {
    int32_t four = 0;
    __builtin_memcpy(&four, p, sizeof four);
    return _mm256_set1_epi32(four);
  }
};

}  // namespace chord::cpu::kernels::x86
