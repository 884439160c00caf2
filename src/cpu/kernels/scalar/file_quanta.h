// The quanta and the small scales of the file's blocks, as panels keep them.
#pragma once

#include "cpu/kernels/panels.h"
#include "cpu/kernels/scales.h"

namespace chord::cpu::kernels::scalar {

// read_quanta: the quanta of columns [32 part, 32 part + 32) of a block.

// Low nibbles are the first 16 of 32, high ones the others.
static inline void read_nibbles(const uint8_t* qs, uint8_t* q) {
  for (uint32_t i = 0; i < 16; ++i) q[i] = qs[i] & 15;
  for (uint32_t i = 0; i < 16; ++i) q[16 + i] = static_cast<uint8_t>(qs[i] >> 4);
}

static inline void add_fifth_bits(const uint8_t* qh, uint8_t* q) {
  for (uint32_t i = 0; i < 32; ++i) q[i] = static_cast<uint8_t>(q[i] | (qh[i / 8] >> i % 8 & 1) << 4);
}

static inline void read_quanta(const Q40& block, uint32_t /*part*/, uint8_t* q) {
  read_nibbles(block.qs, q);
}

static inline void read_quanta(const Q41& block, uint32_t /*part*/, uint8_t* q) {
  read_nibbles(block.qs, q);
}

static inline void read_quanta(const Q50& block, uint32_t /*part*/, uint8_t* q) {
  read_nibbles(block.qs, q);
  add_fifth_bits(block.qh, q);
}

static inline void read_quanta(const Q51& block, uint32_t /*part*/, uint8_t* q) {
  read_nibbles(block.qs, q);
  add_fifth_bits(block.qh, q);
}

static inline void read_quanta(const Q80& block, uint32_t /*part*/, uint8_t* q) {
  __builtin_memcpy(q, block.qs, 32);
}

static inline void read_quanta(const Q2K& block, uint32_t part, uint8_t* q) {
  const uint8_t* qs = block.qs + part / 4 * 32;
  for (uint32_t i = 0; i < 32; ++i) q[i] = qs[i] >> (part % 4 * 2) & 3;
}

static inline void read_quanta(const Q3K& block, uint32_t part, uint8_t* q) {
  const uint8_t* qs = block.qs + part / 4 * 32;
  for (uint32_t i = 0; i < 32; ++i) {
    const int high = block.hmask[i] >> part & 1;
    q[i] = static_cast<uint8_t>((qs[i] >> (part % 4 * 2) & 3) | high << 2);
  }
}

static inline void read_quanta(const Q4K& block, uint32_t part, uint8_t* q) {
  const uint8_t* qs = block.qs + part / 2 * 32;
  for (uint32_t i = 0; i < 32; ++i) q[i] = qs[i] >> (part % 2 * 4) & 15;
}

static inline void read_quanta(const Q5K& block, uint32_t part, uint8_t* q) {
  const uint8_t* qs = block.qs + part / 2 * 32;
  for (uint32_t i = 0; i < 32; ++i) {
    const int high = block.qh[i] >> part & 1;
    q[i] = static_cast<uint8_t>((qs[i] >> (part % 2 * 4) & 15) | high << 4);
  }
}

static inline void read_quanta(const Q6K& block, uint32_t part, uint8_t* q) {
  const uint8_t* ql = block.ql + part / 4 * 64 + part % 2 * 32;
  const uint8_t* qh = block.qh + part / 4 * 32;
  for (uint32_t i = 0; i < 32; ++i) {
    const int high = qh[i] >> (part % 4 * 2) & 3;
    q[i] = static_cast<uint8_t>((ql[i] >> (part % 4 / 2 * 4) & 15) | high << 4);
  }
}

static inline void read_quanta(const Q8K& block, uint32_t part, uint8_t* q) {
  __builtin_memcpy(q, block.qs + part * 32, 32);
}

static inline void read_quanta(const Iq4Nl& block, uint32_t /*part*/, uint8_t* q) {
  read_nibbles(block.qs, q);
}

static inline void read_quanta(const Iq4Xs& block, uint32_t part, uint8_t* q) {
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
