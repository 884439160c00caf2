// The numbers of a panel, one by one.
#pragma once

#include "cpu/kernels/half.h"
#include "cpu/kernels/panels.h"

namespace chord::cpu::kernels::scalar {

template <uint32_t kBits>
int bits(const Plane<kBits>& plane, uint32_t group, uint32_t byte) {
  using P = Plane<kBits>;
  return plane.bytes[group / P::kGroups][byte] >> (group % P::kGroups * kBits) & ((1 << kBits) - 1);
}

template <uint32_t kBits>
int quantum(const WholeQuanta<kBits>& part, uint32_t group, uint32_t byte) {
  return bits(part.low, group, byte);
}

template <uint32_t kBits, uint32_t kLowBits>
int quantum(const SplitQuanta<kBits, kLowBits>& part, uint32_t group, uint32_t byte) {
  return bits(part.low, group, byte) | bits(part.high, group, byte) << kLowBits;
}

// What the quantum of weight i of a row stands for.
template <class Panel>
int factor(const Panel& block, uint32_t row, uint32_t i) {
  const uint32_t column = i % kPartColumns;
  const int q = quantum(block.parts[i / kPartColumns], column / kGroupColumns,
                        row * kGroupColumns + column % kGroupColumns);
  switch (Panel::kMeaning) {
    case Meaning::offset:
      return q - Panel::kOffset;
    case Meaning::minimum:
      return q;
    case Meaning::byte:
      return static_cast<int8_t>(q);
    case Meaning::level:
      return kIq4Levels[q];
  }
}

// Small scale and min of the sub-block of weight i.
template <class Panel>
int small_scale(const Panel& /*block*/, uint32_t /*row*/, uint32_t /*i*/) {
  return 1;
}
template <class Quanta, uint32_t kPairs, class Meaning>
int small_scale(const Scaled<Quanta, kPairs, Meaning>& block, uint32_t row, uint32_t i) {
  const uint32_t sub_block = i / (128 / kPairs);
  return block.scales[sub_block / 2][row][sub_block % 2];
}
template <class Quanta>
int small_scale(const ScaledMinimum<Quanta>& block, uint32_t row, uint32_t i) {
  return block.scales[i / 64][row][i / 32 % 2];
}
template <class Quanta>
int small_scale(const NibbleMinimum<Quanta>& block, uint32_t row, uint32_t i) {
  return block.scale_mins[i / 32][row][i / 16 % 2] & 15;
}

template <class Panel>
int small_min(const Panel& /*block*/, uint32_t /*row*/, uint32_t /*i*/) {
  return 1;
}
template <class Quanta>
int small_min(const ScaledMinimum<Quanta>& block, uint32_t row, uint32_t i) {
  return block.mins[i / 64][row][i / 32 % 2];
}
template <class Quanta>
int small_min(const NibbleMinimum<Quanta>& block, uint32_t row, uint32_t i) {
  return block.scale_mins[i / 32][row][i / 16 % 2] >> 4;
}

// w = block_scale * small_scale * factor + block_min * small_min
template <class Panel>
float block_scale(const Panel& block, uint32_t row) {
  if constexpr (sizeof block.d[0] == sizeof(float)) {
    return block.d[row];
  } else {
    return f16_to_f32(block.d[row]);
  }
}
template <class Panel>
float block_min(const Panel& block, uint32_t row) {
  if constexpr (requires { block.m; }) return f16_to_f32(block.m[row]);
  if constexpr (requires { block.dmin; }) return -f16_to_f32(block.dmin[row]);
  return 0;
}

// Weight i of a row, rounded as the format's definition rounds it.
template <class Panel>
float weight(const Panel& block, uint32_t row, uint32_t i) {
  const float scale = block_scale(block, row) * static_cast<float>(small_scale(block, row, i));
  const float product = scale * static_cast<float>(factor(block, row, i));
  if constexpr (Panel::kMeaning != Meaning::minimum) return product;
  return product + block_min(block, row) * static_cast<float>(small_min(block, row, i));
}

}  // namespace chord::cpu::kernels::scalar
