// Decoder<V, Block>: made for one block, its part(p, w) gives the weights [32p, 32p + 32) as vectors of f32.
// The operations are those that define the type, in their order, so that the bits are those of the reference.
// What a new type adds is a specialisation here.
#pragma once

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/half.h"
#include "cpu/kernels/scales.h"

namespace chord::cpu::kernels::generic {

inline constexpr uint32_t kPart = 32;

template <class V>
using Part = typename V::F[kPart / V::kLanes];

// Bits [shift, shift + width) of every byte, where mask has `width` ones. The shift is one of 16-bit lanes,
// which every processor has; the mask drops what came over from the neighbour.
template <class V>
typename V::Bytes bit_field(typename V::Bytes bytes, uint32_t shift, uint8_t mask) {
  using Words = uint16_t __attribute__((vector_size(16)));
  return typename V::Bytes(Words(bytes) >> static_cast<uint16_t>(shift)) & mask;
}

// bit_field moved up to `position`.
template <class V>
typename V::Bytes bit_field_at(typename V::Bytes bytes, uint32_t shift, uint8_t mask, uint32_t position) {
  using Words = uint16_t __attribute__((vector_size(16)));
  return typename V::Bytes(Words(bit_field<V>(bytes, shift, mask)) << static_cast<uint16_t>(position));
}

// 16 where the bit is set. Bit i of the two bytes belongs to byte i.
template <class V>
typename V::Bytes spread_high_bits(const uint8_t* bits) {
  using Bytes = typename V::Bytes;
  using Words = uint16_t __attribute__((vector_size(16)));
  constexpr Bytes kBit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const auto pair = static_cast<uint16_t>(bits[0] | bits[1] << 8);
  const auto repeated = Bytes(Words{} + pair);
  const Bytes spread =
      __builtin_shufflevector(repeated, repeated, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  return Bytes((spread & kBit) == kBit) & uint8_t{16};
}

// w[16 half + i] = q[i] * scale, for 16 signed bytes.
template <class V>
void scaled(typename V::Bytes q, float scale, uint32_t half, Part<V>& w) {
  constexpr uint32_t kVectors = 16 / V::kLanes;
  typename V::F values[kVectors];
  V::to_floats(q, values);
  for (uint32_t i = 0; i < kVectors; ++i) w[half * kVectors + i] = values[i] * scale;
}

// w[16 half + i] = q[i] * scale + offset
template <class V>
void affine(typename V::Bytes q, float scale, float offset, uint32_t half, Part<V>& w) {
  constexpr uint32_t kVectors = 16 / V::kLanes;
  typename V::F values[kVectors];
  V::to_floats(q, values);
  for (uint32_t i = 0; i < kVectors; ++i) w[half * kVectors + i] = values[i] * scale + offset;
}

template <class V, class Block>
struct Decoder;

template <class V>
struct Decoder<V, Q40> {
  const uint8_t* qs;
  float d;

  explicit Decoder(const Q40& block) : qs(block.qs), d(V::widen_half(block.d)) {}

  void part(uint32_t /*p*/, Part<V>& w) const {
    const auto nibbles = V::load_bytes(qs);
    scaled<V>(bit_field<V>(nibbles, 0, 15) - uint8_t{8}, d, 0, w);
    scaled<V>(bit_field<V>(nibbles, 4, 15) - uint8_t{8}, d, 1, w);
  }
};

template <class V>
struct Decoder<V, Q41> {
  const uint8_t* qs;
  float d;
  float m;

  explicit Decoder(const Q41& block) : qs(block.qs), d(V::widen_half(block.d)), m(V::widen_half(block.m)) {}

  void part(uint32_t /*p*/, Part<V>& w) const {
    const auto nibbles = V::load_bytes(qs);
    affine<V>(bit_field<V>(nibbles, 0, 15), d, m, 0, w);
    affine<V>(bit_field<V>(nibbles, 4, 15), d, m, 1, w);
  }
};

template <class V>
struct Decoder<V, Q50> {
  const Q50& block;
  float d;

  explicit Decoder(const Q50& source) : block(source), d(V::widen_half(source.d)) {}

  void part(uint32_t /*p*/, Part<V>& w) const {
    const auto low = V::load_bytes(block.qs);
    scaled<V>((bit_field<V>(low, 0, 15) | spread_high_bits<V>(block.qh)) - uint8_t{16}, d, 0, w);
    scaled<V>((bit_field<V>(low, 4, 15) | spread_high_bits<V>(block.qh + 2)) - uint8_t{16}, d, 1, w);
  }
};

template <class V>
struct Decoder<V, Q51> {
  const Q51& block;
  float d;
  float m;

  explicit Decoder(const Q51& source)
      : block(source), d(V::widen_half(source.d)), m(V::widen_half(source.m)) {}

  void part(uint32_t /*p*/, Part<V>& w) const {
    const auto low = V::load_bytes(block.qs);
    affine<V>(bit_field<V>(low, 0, 15) | spread_high_bits<V>(block.qh), d, m, 0, w);
    affine<V>(bit_field<V>(low, 4, 15) | spread_high_bits<V>(block.qh + 2), d, m, 1, w);
  }
};

template <class V>
struct Decoder<V, Q80> {
  const int8_t* qs;
  float d;

  explicit Decoder(const Q80& block) : qs(block.qs), d(V::widen_half(block.d)) {}

  void part(uint32_t /*p*/, Part<V>& w) const {
    for (uint32_t i = 0; i < kPart / V::kLanes; ++i) w[i] = V::load_signed_bytes(qs + i * V::kLanes) * d;
  }
};

template <class V>
struct Decoder<V, Q2K> {
  const Q2K& block;
  float d;
  float dmin;

  explicit Decoder(const Q2K& source)
      : block(source), d(V::widen_half(source.d)), dmin(V::widen_half(source.dmin)) {}

  void part(uint32_t p, Part<V>& w) const {
    for (uint32_t half = 0; half < 2; ++half) {
      const auto bits = V::load_bytes(block.qs + p / 4 * 32 + half * 16);
      const uint8_t packed = block.scales[2 * p + half];
      const float scale = d * static_cast<float>(packed & 15);
      const float min = dmin * static_cast<float>(packed >> 4);
      affine<V>(bit_field<V>(bits, p % 4 * 2, 3), scale, -min, half, w);
    }
  }
};

template <class V>
struct Decoder<V, Q3K> {
  const Q3K& block;
  float d;

  explicit Decoder(const Q3K& source) : block(source), d(V::widen_half(source.d)) {}

  void part(uint32_t p, Part<V>& w) const {
    for (uint32_t half = 0; half < 2; ++half) {
      const auto low = bit_field<V>(V::load_bytes(block.qs + p / 4 * 32 + half * 16), p % 4 * 2, 3);
      const auto high = bit_field_at<V>(V::load_bytes(block.hmask + half * 16), p, 1, 2);
      const int scale = unpack_scale_q3(block.scales, 2 * p + half);
      scaled<V>((low | high) - uint8_t{4}, d * static_cast<float>(scale), half, w);
    }
  }
};

template <class V>
struct Decoder<V, Q4K> {
  const Q4K& block;
  ScaleMins packed;
  float d;
  float dmin;

  explicit Decoder(const Q4K& source)
      : block(source),
        packed(unpack_scale_mins(source.scales)),
        d(V::widen_half(source.d)),
        dmin(V::widen_half(source.dmin)) {}

  void part(uint32_t p, Part<V>& w) const {
    const float scale = d * static_cast<float>(packed.scales >> (p * 8) & 63);
    const float min = dmin * static_cast<float>(packed.mins >> (p * 8) & 63);
    for (uint32_t half = 0; half < 2; ++half) {
      const auto nibbles = V::load_bytes(block.qs + p / 2 * 32 + half * 16);
      affine<V>(bit_field<V>(nibbles, p % 2 * 4, 15), scale, -min, half, w);
    }
  }
};

template <class V>
struct Decoder<V, Q5K> {
  const Q5K& block;
  ScaleMins packed;
  float d;
  float dmin;

  explicit Decoder(const Q5K& source)
      : block(source),
        packed(unpack_scale_mins(source.scales)),
        d(V::widen_half(source.d)),
        dmin(V::widen_half(source.dmin)) {}

  void part(uint32_t p, Part<V>& w) const {
    const float scale = d * static_cast<float>(packed.scales >> (p * 8) & 63);
    const float min = dmin * static_cast<float>(packed.mins >> (p * 8) & 63);
    for (uint32_t half = 0; half < 2; ++half) {
      const auto low = bit_field<V>(V::load_bytes(block.qs + p / 2 * 32 + half * 16), p % 2 * 4, 15);
      const auto high = bit_field_at<V>(V::load_bytes(block.qh + half * 16), p, 1, 4);
      affine<V>(low | high, scale, -min, half, w);
    }
  }
};

template <class V>
struct Decoder<V, Q6K> {
  const Q6K& block;
  float d;

  explicit Decoder(const Q6K& source) : block(source), d(V::widen_half(source.d)) {}

  void part(uint32_t p, Part<V>& w) const {
    for (uint32_t half = 0; half < 2; ++half) {
      const uint8_t* ql = block.ql + p / 4 * 64 + p % 2 * 32 + half * 16;
      const uint8_t* qh = block.qh + p / 4 * 32 + half * 16;
      const auto low = bit_field<V>(V::load_bytes(ql), p % 4 / 2 * 4, 15);
      const auto high = bit_field_at<V>(V::load_bytes(qh), p % 4 * 2, 3, 4);
      const float scale = d * static_cast<float>(block.scales[2 * p + half]);
      scaled<V>((low | high) - uint8_t{32}, scale, half, w);
    }
  }
};

template <class V>
struct Decoder<V, Q8K> {
  const Q8K& block;

  explicit Decoder(const Q8K& source) : block(source) {}

  void part(uint32_t p, Part<V>& w) const {
    scaled<V>(V::load_bytes(block.qs + p * kPart), block.d, 0, w);
    scaled<V>(V::load_bytes(block.qs + p * kPart + 16), block.d, 1, w);
  }
};

template <class V>
void decode_levels(const uint8_t* qs, float scale, Part<V>& w) {
  const auto levels = V::load_bytes(kIq4Levels);
  const auto nibbles = V::load_bytes(qs);
  scaled<V>(V::lookup(levels, bit_field<V>(nibbles, 0, 15)), scale, 0, w);
  scaled<V>(V::lookup(levels, bit_field<V>(nibbles, 4, 15)), scale, 1, w);
}

template <class V>
struct Decoder<V, Iq4Nl> {
  const uint8_t* qs;
  float d;

  explicit Decoder(const Iq4Nl& block) : qs(block.qs), d(V::widen_half(block.d)) {}

  void part(uint32_t /*p*/, Part<V>& w) const { decode_levels<V>(qs, d, w); }
};

template <class V>
struct Decoder<V, Iq4Xs> {
  const Iq4Xs& block;
  float d;

  explicit Decoder(const Iq4Xs& source) : block(source), d(V::widen_half(source.d)) {}

  void part(uint32_t p, Part<V>& w) const {
    const int scale = unpack_scale_iq4(block.scales_h, block.scales_l, p);
    decode_levels<V>(block.qs + p * 16, d * static_cast<float>(scale), w);
  }
};

// Types without blocks: the loops take 32 elements for one, and what is left over singly.

template <class Element>
struct Run32 {
  static constexpr uint32_t kLength = kPart;
  Element elements[kPart];
};

template <class V>
struct Decoder<V, Run32<F32>> {
  const F32* elements;

  explicit Decoder(const Run32<F32>& run) : elements(run.elements) {}

  void part(uint32_t /*p*/, Part<V>& w) const {
    for (uint32_t i = 0; i < kPart / V::kLanes; ++i) w[i] = V::load(&elements[i * V::kLanes].value);
  }
  static float single(F32 element) { return element.value; }
};

template <class V>
struct Decoder<V, Run32<F16>> {
  const F16* elements;

  explicit Decoder(const Run32<F16>& run) : elements(run.elements) {}

  void part(uint32_t /*p*/, Part<V>& w) const {
    for (uint32_t i = 0; i < kPart / V::kLanes; ++i) w[i] = V::load_halves(&elements[i * V::kLanes].bits);
  }
  static float single(F16 element) { return V::widen_half(element.bits); }
};

template <class V>
struct Decoder<V, Run32<Bf16>> {
  const Bf16* elements;

  explicit Decoder(const Run32<Bf16>& run) : elements(run.elements) {}

  void part(uint32_t /*p*/, Part<V>& w) const {
    for (uint32_t i = 0; i < kPart / V::kLanes; ++i) w[i] = V::load_bf16(&elements[i * V::kLanes].bits);
  }
  static float single(Bf16 element) { return bf16_to_f32(element.bits); }
};

}  // namespace chord::cpu::kernels::generic
