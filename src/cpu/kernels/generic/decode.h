// decode<V>(block, out): the weights of one block as floats, by the operations that define the type, in their
// order, so that the bits are those of the reference. What a new type adds is a function here.
#pragma once

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/scales.h"

namespace chord::cpu::kernels::generic {

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

// 16 where the bit is set. Bit i of the 16 belongs to byte i.
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

// out[i] = q[i] * scale for 16 signed bytes.
template <class V>
void scaled(typename V::Bytes q, float scale, float* out) {
  typename V::F values[16 / V::kLanes];
  V::to_floats(q, values);
  for (uint32_t i = 0; i < 16 / V::kLanes; ++i) V::store(out + i * V::kLanes, values[i] * scale);
}

// out[i] = q[i] * scale + offset
template <class V>
void affine(typename V::Bytes q, float scale, float offset, float* out) {
  typename V::F values[16 / V::kLanes];
  V::to_floats(q, values);
  for (uint32_t i = 0; i < 16 / V::kLanes; ++i) V::store(out + i * V::kLanes, values[i] * scale + offset);
}

template <class V>
void decode(const Q40& block, float* out) {
  const float d = V::widen_half(block.d);
  const auto qs = V::load_bytes(block.qs);
  scaled<V>(bit_field<V>(qs, 0, 15) - uint8_t{8}, d, out);
  scaled<V>(bit_field<V>(qs, 4, 15) - uint8_t{8}, d, out + 16);
}

template <class V>
void decode(const Q41& block, float* out) {
  const float d = V::widen_half(block.d);
  const float m = V::widen_half(block.m);
  const auto qs = V::load_bytes(block.qs);
  affine<V>(bit_field<V>(qs, 0, 15), d, m, out);
  affine<V>(bit_field<V>(qs, 4, 15), d, m, out + 16);
}

template <class V>
void decode(const Q50& block, float* out) {
  const float d = V::widen_half(block.d);
  const auto qs = V::load_bytes(block.qs);
  scaled<V>((bit_field<V>(qs, 0, 15) | spread_high_bits<V>(block.qh)) - uint8_t{16}, d, out);
  scaled<V>((bit_field<V>(qs, 4, 15) | spread_high_bits<V>(block.qh + 2)) - uint8_t{16}, d, out + 16);
}

template <class V>
void decode(const Q51& block, float* out) {
  const float d = V::widen_half(block.d);
  const float m = V::widen_half(block.m);
  const auto qs = V::load_bytes(block.qs);
  affine<V>(bit_field<V>(qs, 0, 15) | spread_high_bits<V>(block.qh), d, m, out);
  affine<V>(bit_field<V>(qs, 4, 15) | spread_high_bits<V>(block.qh + 2), d, m, out + 16);
}

template <class V>
void decode(const Q80& block, float* out) {
  const float d = V::widen_half(block.d);
  scaled<V>(V::load_bytes(block.qs), d, out);
  scaled<V>(V::load_bytes(block.qs + 16), d, out + 16);
}

template <class V>
void decode(const Q2K& block, float* out) {
  const float d = V::widen_half(block.d);
  const float dmin = V::widen_half(block.dmin);
  for (uint32_t b = 0; b < 16; ++b) {
    const auto qs = V::load_bytes(block.qs + b / 8 * 32 + b % 2 * 16);
    const float scale = d * static_cast<float>(block.scales[b] & 15);
    const float min = dmin * static_cast<float>(block.scales[b] >> 4);
    affine<V>(bit_field<V>(qs, b % 8 / 2 * 2, 3), scale, -min, out + b * 16);
  }
}

template <class V>
void decode(const Q3K& block, float* out) {
  const float d = V::widen_half(block.d);
  for (uint32_t b = 0; b < 16; ++b) {
    const auto qs = V::load_bytes(block.qs + b / 8 * 32 + b % 2 * 16);
    const auto hmask = V::load_bytes(block.hmask + b % 2 * 16);
    const auto q = bit_field<V>(qs, b % 8 / 2 * 2, 3) | bit_field_at<V>(hmask, b / 2, 1, 2);
    scaled<V>(q - uint8_t{4}, d * static_cast<float>(unpack_scale_q3(block.scales, b)), out + b * 16);
  }
}

template <class V>
void decode(const Q4K& block, float* out) {
  const float d = V::widen_half(block.d);
  const float dmin = V::widen_half(block.dmin);
  for (uint32_t b = 0; b < 8; ++b) {
    const ScaleMin packed = unpack_scale_min(block.scales, b);
    const float scale = d * static_cast<float>(packed.scale);
    const float min = dmin * static_cast<float>(packed.min);
    for (uint32_t half = 0; half < 2; ++half) {
      const auto qs = V::load_bytes(block.qs + b / 2 * 32 + half * 16);
      affine<V>(bit_field<V>(qs, b % 2 * 4, 15), scale, -min, out + b * 32 + half * 16);
    }
  }
}

template <class V>
void decode(const Q5K& block, float* out) {
  const float d = V::widen_half(block.d);
  const float dmin = V::widen_half(block.dmin);
  for (uint32_t b = 0; b < 8; ++b) {
    const ScaleMin packed = unpack_scale_min(block.scales, b);
    const float scale = d * static_cast<float>(packed.scale);
    const float min = dmin * static_cast<float>(packed.min);
    for (uint32_t half = 0; half < 2; ++half) {
      const auto qs = V::load_bytes(block.qs + b / 2 * 32 + half * 16);
      const auto qh = V::load_bytes(block.qh + half * 16);
      const auto q = bit_field<V>(qs, b % 2 * 4, 15) | bit_field_at<V>(qh, b, 1, 4);
      affine<V>(q, scale, -min, out + b * 32 + half * 16);
    }
  }
}

template <class V>
void decode(const Q6K& block, float* out) {
  const float d = V::widen_half(block.d);
  for (uint32_t b = 0; b < 16; ++b) {
    const uint32_t half = b / 8;
    const uint32_t quarter = b % 8 / 2;
    const auto ql = V::load_bytes(block.ql + half * 64 + quarter % 2 * 32 + b % 2 * 16);
    const auto qh = V::load_bytes(block.qh + half * 32 + b % 2 * 16);
    const auto q = bit_field<V>(ql, quarter / 2 * 4, 15) | bit_field_at<V>(qh, quarter * 2, 3, 4);
    scaled<V>(q - uint8_t{32}, d * static_cast<float>(block.scales[b]), out + b * 16);
  }
}

template <class V>
void decode(const Q8K& block, float* out) {
  for (uint32_t i = 0; i < 256; i += 16) scaled<V>(V::load_bytes(block.qs + i), block.d, out + i);
}

template <class V>
void iq4_levels(const uint8_t* qs, float scale, float* out) {
  const auto levels = V::load_bytes(kIq4Levels);
  const auto indices = V::load_bytes(qs);
  scaled<V>(V::lookup(levels, bit_field<V>(indices, 0, 15)), scale, out);
  scaled<V>(V::lookup(levels, bit_field<V>(indices, 4, 15)), scale, out + 16);
}

template <class V>
void decode(const Iq4Nl& block, float* out) {
  iq4_levels<V>(block.qs, V::widen_half(block.d), out);
}

template <class V>
void decode(const Iq4Xs& block, float* out) {
  const float d = V::widen_half(block.d);
  for (uint32_t b = 0; b < 8; ++b) {
    const int packed = unpack_scale_iq4(block.scales_h, block.scales_l, b);
    iq4_levels<V>(block.qs + b * 16, d * static_cast<float>(packed), out + b * 32);
  }
}

}  // namespace chord::cpu::kernels::generic
