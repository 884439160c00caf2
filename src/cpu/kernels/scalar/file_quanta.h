// The quanta and the small scales of the file's blocks, as panels keep them.
#pragma once

#include "cpu/kernels/panels.h"
#include "cpu/kernels/scales.h"

namespace chord::cpu::kernels::scalar {

// Sixteen quanta. A file of gigabytes passes here while it loads, so compilers are told how.
using Bytes = uint8_t __attribute__((vector_size(16)));
using Words = uint16_t __attribute__((vector_size(16)));

static inline Bytes load_bytes(const void* p) {
  Bytes bytes;
  __builtin_memcpy(&bytes, p, sizeof bytes);
  return bytes;
}

// Bits [from, from + width) of every byte moved to `to`, where mask has `width` ones. Words are shifted,
// which every processor can; the masks drop what comes over from the neighbour.
static inline Bytes bit_field(Bytes bytes, uint32_t from, uint8_t mask, uint32_t to = 0) {
  const Bytes field = Bytes(Words(bytes) >> static_cast<uint16_t>(from)) & mask;
  return Bytes(Words(field) << static_cast<uint16_t>(to));
}

// 16 where the bit is set. Bit i of the two bytes belongs to byte i.
static inline Bytes spread_bits(const uint8_t* bits) {
  constexpr Bytes kBit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const auto repeated = Bytes(Words{} + static_cast<uint16_t>(bits[0] | bits[1] << 8));
  const Bytes spread =
      __builtin_shufflevector(repeated, repeated, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  return Bytes((spread & kBit) == kBit) & uint8_t{16};
}

// read_quanta: those of columns [32 part, 32 part + 32) of a block.

using PartQuanta = Bytes[2];

// Low nibbles are the first 16 of 32, high ones the others.
static inline void read_nibbles(const uint8_t* qs, PartQuanta& q) {
  const Bytes bytes = load_bytes(qs);
  q[0] = bit_field(bytes, 0, 15);
  q[1] = bit_field(bytes, 4, 15);
}

static inline void read_quanta(const Q40& block, uint32_t /*part*/, PartQuanta& q) {
  read_nibbles(block.qs, q);
}

static inline void read_quanta(const Q41& block, uint32_t /*part*/, PartQuanta& q) {
  read_nibbles(block.qs, q);
}

static inline void read_quanta(const Q50& block, uint32_t /*part*/, PartQuanta& q) {
  read_nibbles(block.qs, q);
  for (uint32_t i = 0; i < 2; ++i) q[i] |= spread_bits(block.qh + 2 * i);
}

static inline void read_quanta(const Q51& block, uint32_t /*part*/, PartQuanta& q) {
  read_nibbles(block.qs, q);
  for (uint32_t i = 0; i < 2; ++i) q[i] |= spread_bits(block.qh + 2 * i);
}

static inline void read_quanta(const Q80& block, uint32_t /*part*/, PartQuanta& q) {
  for (uint32_t i = 0; i < 2; ++i) q[i] = load_bytes(block.qs + 16 * i);
}

static inline void read_quanta(const Q2K& block, uint32_t part, PartQuanta& q) {
  const uint8_t* qs = block.qs + part / 4 * 32;
  for (uint32_t i = 0; i < 2; ++i) q[i] = bit_field(load_bytes(qs + 16 * i), part % 4 * 2, 3);
}

static inline void read_quanta(const Q3K& block, uint32_t part, PartQuanta& q) {
  const uint8_t* qs = block.qs + part / 4 * 32;
  for (uint32_t i = 0; i < 2; ++i) {
    q[i] = bit_field(load_bytes(qs + 16 * i), part % 4 * 2, 3) |
           bit_field(load_bytes(block.hmask + 16 * i), part, 1, 2);
  }
}

static inline void read_quanta(const Q4K& block, uint32_t part, PartQuanta& q) {
  const uint8_t* qs = block.qs + part / 2 * 32;
  for (uint32_t i = 0; i < 2; ++i) q[i] = bit_field(load_bytes(qs + 16 * i), part % 2 * 4, 15);
}

static inline void read_quanta(const Q5K& block, uint32_t part, PartQuanta& q) {
  const uint8_t* qs = block.qs + part / 2 * 32;
  for (uint32_t i = 0; i < 2; ++i) {
    q[i] = bit_field(load_bytes(qs + 16 * i), part % 2 * 4, 15) |
           bit_field(load_bytes(block.qh + 16 * i), part, 1, 4);
  }
}

static inline void read_quanta(const Q6K& block, uint32_t part, PartQuanta& q) {
  const uint8_t* ql = block.ql + part / 4 * 64 + part % 2 * 32;
  const uint8_t* qh = block.qh + part / 4 * 32;
  for (uint32_t i = 0; i < 2; ++i) {
    q[i] = bit_field(load_bytes(ql + 16 * i), part % 4 / 2 * 4, 15) |
           bit_field(load_bytes(qh + 16 * i), part % 4 * 2, 3, 4);
  }
}

static inline void read_quanta(const Q8K& block, uint32_t part, PartQuanta& q) {
  for (uint32_t i = 0; i < 2; ++i) q[i] = load_bytes(block.qs + part * 32 + 16 * i);
}

static inline void read_quanta(const Iq4Nl& block, uint32_t /*part*/, PartQuanta& q) {
  read_nibbles(block.qs, q);
}

static inline void read_quanta(const Iq4Xs& block, uint32_t part, PartQuanta& q) {
  read_nibbles(block.qs + part * 16, q);
}

// write_small_scale: what sub-block b of the row has.

static inline void write_small_scale(const Q2K& block, uint32_t b, PanelOf<Q2K>::Type& panel, uint32_t row) {
  panel.scale_mins[b / 2][row][b % 2] = block.scales[b];
}

static inline void write_small_scale(const Q3K& block, uint32_t b, PanelOf<Q3K>::Type& panel, uint32_t row) {
  panel.scales[b / 2][row][b % 2] = static_cast<int8_t>(unpack_scale_q3(block.scales, b));
}

static inline void write_small_scale(const Q6K& block, uint32_t b, PanelOf<Q6K>::Type& panel, uint32_t row) {
  panel.scales[b / 2][row][b % 2] = block.scales[b];
}

static inline void write_small_scale(const Iq4Xs& block, uint32_t b, PanelOf<Iq4Xs>::Type& panel,
                                     uint32_t row) {
  panel.scales[b / 2][row][b % 2] = static_cast<int8_t>(unpack_scale_iq4(block.scales_h, block.scales_l, b));
}

// Q4_K and Q5_K.
template <class Block, class Quanta>
static inline void write_small_scale(const Block& block, uint32_t b, ScaledMinimum<Quanta>& panel,
                                     uint32_t row) {
  const ScaleMin packed = unpack_scale_min(block.scales, b);
  panel.scales[b / 2][row][b % 2] = packed.scale;
  panel.mins[b / 2][row][b % 2] = packed.min;
}

}  // namespace chord::cpu::kernels::scalar
