// The 6-bit scales of the K-quants; src/quant/packed_scales.h has the layouts.
#pragma once

#include <stdint.h>

namespace chord::cpu::kernels {

struct ScaleMin {
  uint8_t scale;
  uint8_t min;
};

// Of sub-block b of Q4_K and Q5_K.
static inline ScaleMin unpack_scale_min(const uint8_t* packed, uint32_t b) {
  if (b < 4) {
    return {.scale = static_cast<uint8_t>(packed[b] & 63), .min = static_cast<uint8_t>(packed[b + 4] & 63)};
  }
  return {.scale = static_cast<uint8_t>((packed[b + 4] & 15) | packed[b - 4] >> 6 << 4),
          .min = static_cast<uint8_t>(packed[b + 4] >> 4 | packed[b] >> 6 << 4)};
}

// Of sub-block b of Q3_K, with its offset taken off: -32 to 31.
static inline int unpack_scale_q3(const uint8_t* packed, uint32_t b) {
  const int low = packed[b % 8] >> (b / 8 * 4) & 15;
  const int high = packed[8 + b % 4] >> (b / 4 * 2) & 3;
  return (low | high << 4) - 32;
}

// Of sub-block b of IQ4_XS, likewise.
static inline int unpack_scale_iq4(uint16_t scales_h, const uint8_t* scales_l, uint32_t b) {
  const int low = scales_l[b / 2] >> (b % 2 * 4) & 15;
  const int high = scales_h >> (b * 2) & 3;
  return (low | high << 4) - 32;
}

}  // namespace chord::cpu::kernels
