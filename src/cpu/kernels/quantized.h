// Activations as integers, which the products with quantized weights read. Op::quantize makes them.
//
// A block of activations is x = d * q with d = max |x| / 127 and q rounded to nearest, ties to even. Below
// 2^-120 an activation counts as zero. A block with NaN or an infinity has d = NaN and q = 0: every result
// that it takes part in is NaN. The numbers are the same in every variant; only their order is not.
#pragma once

#include <stdint.h>

namespace chord::cpu::kernels {

enum class Quantization : uint32_t {
  short_blocks,  // of 32
  short_signed,  // of 32, to meet weights that are signed bytes
  long_blocks,   // of 256
  long_signed,   // of 256, to meet weights that are signed bytes
  none,          // f32
};

inline constexpr uint32_t kQuantizations = 4;

// For instructions that multiply signed bytes with bytes of seven bits: of each four activations the bytes
// come first, without their signs, then these: -1 where it is below zero, else 0.
struct Parted {
  uint8_t byte;
  uint8_t next;
};

// Q is int8_t, or int16_t for instructions that multiply those, or Parted; the order is the variant's.
template <class Q>
struct ShortBlock {
  static constexpr uint32_t kLength = 32;
  float d;
  int32_t sum;  // of q; of Parted: of those below zero, without their signs
  Q q[kLength];
};

template <class Q>
struct LongBlock {
  static constexpr uint32_t kLength = 256;
  float d;
  uint32_t reserved;
  int16_t sums[8];        // likewise, of 32 q each
  int16_t half_sums[16];  // of 16 q each
  Q q[kLength];
};

static inline uint32_t block_length(Quantization quantization) {
  const bool is_short =
      quantization == Quantization::short_blocks || quantization == Quantization::short_signed;
  return is_short ? 32 : 256;
}

// For the products with blocks of a panel.
template <class Panel>
constexpr Quantization quantization_for() {
  if constexpr (Panel::kLength == 32) {
    return Panel::kSigned ? Quantization::short_signed : Quantization::short_blocks;
  } else {
    return Panel::kSigned ? Quantization::long_signed : Quantization::long_blocks;
  }
}

// The blocks of activations that meet those of a panel.
template <class Panel, class Q>
struct QuantizedFor;

template <class Panel, class Q>
  requires(Panel::kLength == ShortBlock<Q>::kLength)
struct QuantizedFor<Panel, Q> {
  using Type = ShortBlock<Q>;
};
template <class Panel, class Q>
  requires(Panel::kLength == LongBlock<Q>::kLength)
struct QuantizedFor<Panel, Q> {
  using Type = LongBlock<Q>;
};

}  // namespace chord::cpu::kernels
