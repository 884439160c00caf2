// One row of activations to integers (quantized.h), in loops that every compiler vectorises.
#pragma once

#include "cpu/kernels/half.h"
#include "cpu/kernels/quantized.h"

namespace chord::cpu::kernels {

// Where the activation i of four lies. Products of 16 bits take the bytes of a group as two words, of which
// one has the even columns and one the odd ones.
template <class Q>
constexpr uint32_t place_in_four(uint32_t i) {
  return sizeof(Q) == 1 ? i : (i & 1) << 1 | i >> 1;
}

// Adding 1.5 * 2^23 leaves the nearest integer in the last bits of a float.
inline constexpr float kRoundingOffset = 0x1.8p23f;

template <class Q>
static inline void store_sixteen(const int32_t (&rounded)[16], Q* q) {
  for (uint32_t i = 0; i < 16; ++i) q[i / 4 * 4 + place_in_four<Q>(i % 4)] = static_cast<Q>(rounded[i]);
}

static inline void store_sixteen(const int32_t (&rounded)[16], Parted* q) {
  using Integers = int32_t __attribute__((vector_size(64)));
  using Bytes = int8_t __attribute__((vector_size(16)));
  using Fours = int32_t __attribute__((vector_size(16)));
  Integers integers;
  __builtin_memcpy(&integers, rounded, sizeof integers);
  const Bytes bytes = __builtin_convertvector(integers, Bytes);
  const Bytes below = bytes < 0;
  const auto magnitudes = Fours((bytes ^ below) - below);
  const auto signs = Fours(below);
  const Fours first = __builtin_shufflevector(magnitudes, signs, 0, 4, 1, 5);
  const Fours second = __builtin_shufflevector(magnitudes, signs, 2, 6, 3, 7);
  __builtin_memcpy(q, &first, sizeof first);
  __builtin_memcpy(q + 8, &second, sizeof second);
}

// What an activation adds to the sums of its block.
template <class Q>
constexpr int32_t summand(int32_t rounded) {
  if constexpr (__is_same(Q, Parted)) return rounded < 0 ? -rounded : 0;
  return rounded;
}

// Sixteen activations times `scale`; the sum of what they become.
template <class Q>
static inline int32_t quantize_sixteen(const float* x, float scale, Q* q) {
  int32_t rounded[16];
  for (uint32_t i = 0; i < 16; ++i) {
    rounded[i] = static_cast<int32_t>(bits_of(x[i] * scale + kRoundingOffset) - bits_of(kRoundingOffset));
  }
  int32_t sum = 0;
  for (uint32_t i = 0; i < 16; ++i) sum += summand<Q>(rounded[i]);
  store_sixteen(rounded, q);
  return sum;
}

struct Scales {
  float d;
  float inverse;  // 0 where everything becomes 0
};

static inline Scales quantized_scales(const float* x, uint32_t count) {
  uint32_t largest = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t magnitude = bits_of(x[i]) & 0x7fffffffu;
    largest = magnitude > largest ? magnitude : largest;
  }
  if (largest >= 0x7f800000u) return {.d = __builtin_nanf(""), .inverse = 0};
  const float limit = float_of(largest);
  if (limit < 0x1p-120f) return {.d = 0, .inverse = 0};
  return {.d = limit / 127, .inverse = 127 / limit};
}

template <class Q>
static inline void quantize_block(const float* x, ShortBlock<Q>& block) {
  const Scales scales = quantized_scales(x, 32);
  block.d = scales.d;
  if (scales.inverse == 0) {
    block.sum = 0;
    for (Q& q : block.q) q = {};
    return;
  }
  block.sum =
      quantize_sixteen(x, scales.inverse, block.q) + quantize_sixteen(x + 16, scales.inverse, block.q + 16);
}

template <class Q>
static inline void quantize_block(const float* x, LongBlock<Q>& block) {
  const Scales scales = quantized_scales(x, 256);
  block.d = scales.d;
  block.reserved = 0;
  if (scales.inverse == 0) {
    for (int16_t& sum : block.sums) sum = 0;
    for (int16_t& sum : block.half_sums) sum = 0;
    for (Q& q : block.q) q = {};
    return;
  }
  for (uint32_t i = 0; i < 16; ++i) {
    block.half_sums[i] = static_cast<int16_t>(quantize_sixteen(x + i * 16, scales.inverse, block.q + i * 16));
  }
  for (uint32_t i = 0; i < 8; ++i) {
    block.sums[i] = static_cast<int16_t>(block.half_sums[2 * i] + block.half_sums[2 * i + 1]);
  }
}

template <class Block>
static inline void quantize_row(const float* x, uint32_t columns, Block* blocks) {
  for (uint32_t b = 0; b < columns / Block::kLength; ++b) quantize_block(x + b * Block::kLength, blocks[b]);
}

// Unsigned and Signed are the Q of the blocks that meet unsigned and signed weights.
template <class Unsigned, class Signed>
static inline void quantize_row(Quantization quantization, const float* x, uint32_t columns, void* out) {
  switch (quantization) {
    case Quantization::short_blocks:
      return quantize_row(x, columns, static_cast<ShortBlock<Unsigned>*>(out));
    case Quantization::short_signed:
      return quantize_row(x, columns, static_cast<ShortBlock<Signed>*>(out));
    case Quantization::long_blocks:
      return quantize_row(x, columns, static_cast<LongBlock<Unsigned>*>(out));
    case Quantization::long_signed:
      return quantize_row(x, columns, static_cast<LongBlock<Signed>*>(out));
    case Quantization::none:
      return;
  }
}

}  // namespace chord::cpu::kernels
