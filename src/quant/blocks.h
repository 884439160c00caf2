// The blocks of the quantized types, as they lie in a file (little-endian).
//
// A row of a tensor is a sequence of blocks. Every block stands for kLength consecutive weights; below, w[i]
// is the i-th of them, and q its quantum. An f16 is held as its bits (half.h).
//
// Source: the type definitions of ggml.
#pragma once

#include <cstdint>

namespace chord::quant {

// w[i] = d * (q - 8), q of 4 bits
//
//   0    2                      18
//   | d  | qs                    |
//
// qs[j]: w[j] in bits 0-3, w[j + 16] in bits 4-7.
struct BlockQ40 {
  static constexpr int kLength = 32;
  uint16_t d;  // f16
  uint8_t qs[16];
};
static_assert(sizeof(BlockQ40) == 18);

// w[i] = d * q + m, q of 4 bits
//
//   0    2    4                      20
//   | d  | m  | qs                    |
//
// qs as in BlockQ40.
struct BlockQ41 {
  static constexpr int kLength = 32;
  uint16_t d;  // f16
  uint16_t m;  // f16
  uint8_t qs[16];
};
static_assert(sizeof(BlockQ41) == 20);

// w[i] = d * (q - 16), q of 5 bits
//
//   0    2         6                      22
//   | d  | qh      | qs                    |
//
// qs as in BlockQ40 for the lower 4 bits; bit i % 8 of qh[i / 8] is bit 4 of w[i].
struct BlockQ50 {
  static constexpr int kLength = 32;
  uint16_t d;  // f16
  uint8_t qh[4];
  uint8_t qs[16];
};
static_assert(sizeof(BlockQ50) == 22);

// w[i] = d * q + m, q of 5 bits
//
//   0    2    4         8                      24
//   | d  | m  | qh      | qs                    |
//
// qh and qs as in BlockQ50.
struct BlockQ51 {
  static constexpr int kLength = 32;
  uint16_t d;  // f16
  uint16_t m;  // f16
  uint8_t qh[4];
  uint8_t qs[16];
};
static_assert(sizeof(BlockQ51) == 24);

// w[i] = d * qs[i]
//
//   0    2                                    34
//   | d  | qs                                  |
struct BlockQ80 {
  static constexpr int kLength = 32;
  uint16_t d;  // f16
  int8_t qs[32];
};
static_assert(sizeof(BlockQ80) == 34);

// The K-quants: 256 weights in 16 sub-blocks of 16 or 8 of 32, each with a scale (and a minimum) of a few
// bits that is itself scaled by the block's f16.

// w[i] = d * scale * q - dmin * min, q of 2 bits; 16 sub-blocks of 16
//
//   0             16                          80   82   84
//   | scales      | qs                        | d  |dmin|
//
// scales[b]: scale of sub-block b in bits 0-3, its min in bits 4-7.
// qs[32h + j], h = 0..1, j = 0..31: w[128h + 32k + j] in bits 2k and 2k + 1, k = 0..3.
struct BlockQ2K {
  static constexpr int kLength = 256;
  uint8_t scales[16];
  uint8_t qs[64];
  uint16_t d;     // f16
  uint16_t dmin;  // f16
};
static_assert(sizeof(BlockQ2K) == 84);

// w[i] = d * (scale - 32) * (q - 4), q of 3 bits, scale of 6; 16 sub-blocks of 16
//
//   0               32                          96           108  110
//   | hmask         | qs                        | scales     | d  |
//
// qs as in BlockQ2K for the lower 2 bits; bit i / 32 of hmask[i % 32] is bit 2 of w[i].
// scales: see unpack_scale_q3() in packed_scales.h.
struct BlockQ3K {
  static constexpr int kLength = 256;
  uint8_t hmask[32];
  uint8_t qs[64];
  uint8_t scales[12];
  uint16_t d;  // f16
};
static_assert(sizeof(BlockQ3K) == 110);

// w[i] = d * scale * q - dmin * min, q of 4 bits, scale and min of 6; 8 sub-blocks of 32
//
//   0    2    4            16                                    144
//   | d  |dmin| scales     | qs                                   |
//
// qs[32g + j], g = 0..3, j = 0..31: w[64g + j] in bits 0-3, w[64g + 32 + j] in bits 4-7.
// scales: see unpack_scale_min() in packed_scales.h.
struct BlockQ4K {
  static constexpr int kLength = 256;
  uint16_t d;     // f16
  uint16_t dmin;  // f16
  uint8_t scales[12];
  uint8_t qs[128];
};
static_assert(sizeof(BlockQ4K) == 144);

// w[i] = d * scale * q - dmin * min, q of 5 bits, scale and min of 6; 8 sub-blocks of 32
//
//   0    2    4            16            48                                    176
//   | d  |dmin| scales     | qh          | qs                                   |
//
// qs and scales as in BlockQ4K; bit i / 32 of qh[i % 32] is bit 4 of w[i].
struct BlockQ5K {
  static constexpr int kLength = 256;
  uint16_t d;     // f16
  uint16_t dmin;  // f16
  uint8_t scales[12];
  uint8_t qh[32];
  uint8_t qs[128];
};
static_assert(sizeof(BlockQ5K) == 176);

// w[i] = d * scales[i / 16] * (q - 32), q of 6 bits; 16 sub-blocks of 16
//
//   0                           128             192           208  210
//   | ql                        | qh            | scales      | d  |
//
// With i = 128h + 32k + j (h = 0..1, k = 0..3, j = 0..31):
// ql[64h + 32(k % 2) + j]: bits 0-3 of w[i], in its bits 0-3 for k < 2 and 4-7 for k >= 2;
// qh[32h + j]: bits 4-5 of w[i], in its bits 2k and 2k + 1.
struct BlockQ6K {
  static constexpr int kLength = 256;
  uint8_t ql[128];
  uint8_t qh[64];
  int8_t scales[16];
  uint16_t d;  // f16
};
static_assert(sizeof(BlockQ6K) == 210);

// w[i] = d * qs[i]. What ggml turns activations into for its dot products with K-quants.
//
//   0         4                                    260             292
//   | d       | qs                                  | bsums         |
//
// bsums[b] is the sum of qs[16b .. 16b + 15].
struct BlockQ8K {
  static constexpr int kLength = 256;
  float d;
  int8_t qs[256];
  int16_t bsums[16];
};
static_assert(sizeof(BlockQ8K) == 292);

// The levels of the IQ4 types: 4-bit quanta on a scale that is finer near zero, where weights are dense.
inline constexpr int8_t kIq4Levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                          1,    13,   25,  38,  53,  69,  89,  113};

// w[i] = d * kIq4Levels[q], q of 4 bits, packed as in BlockQ40
//
//   0    2                      18
//   | d  | qs                    |
struct BlockIq4Nl {
  static constexpr int kLength = 32;
  uint16_t d;  // f16
  uint8_t qs[16];
};
static_assert(sizeof(BlockIq4Nl) == 18);

// w[i] = d * (scale - 32) * kIq4Levels[q], q of 4 bits, scale of 6; 8 sub-blocks of 32
//
//   0    2       4         8                                    136
//   | d  |scales_h|scales_l| qs                                   |
//
// scales_l[b / 2]: bits 0-3 of the scale of sub-block b, in its bits 0-3 for even b and 4-7 for odd b.
// scales_h: bits 4-5 of that scale, in its bits 2b and 2b + 1.
// qs[16b + j], j = 0..15: w[32b + j] in bits 0-3, w[32b + 16 + j] in bits 4-7.
struct BlockIq4Xs {
  static constexpr int kLength = 256;
  uint16_t d;  // f16
  uint16_t scales_h;
  uint8_t scales_l[4];
  uint8_t qs[128];
};
static_assert(sizeof(BlockIq4Xs) == 136);

}  // namespace chord::quant
