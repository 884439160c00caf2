// The 6-bit scales of the K-quants, packed into 12 bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace chord::quant {

struct ScaleMin {
  uint8_t scale;  // 0..63
  uint8_t min;    // 0..63
};

// Q4_K and Q5_K: eight scales and eight minimums. Bits of scale s and min m of each sub-block:
//
//   byte 0..3     s[b]     in bits 0-5,  bits 4-5 of s[b + 4] in bits 6-7     (b = byte)
//   byte 4..7     m[b]     in bits 0-5,  bits 4-5 of m[b + 4] in bits 6-7     (b = byte - 4)
//   byte 8..11    bits 0-3 of s[b + 4] in bits 0-3, of m[b + 4] in bits 4-7   (b = byte - 8)
constexpr ScaleMin unpack_scale_min(const uint8_t (&packed)[12], size_t sub_block) {
  if (sub_block < 4) {
    return {.scale = static_cast<uint8_t>(packed[sub_block] & 63),
            .min = static_cast<uint8_t>(packed[sub_block + 4] & 63)};
  }
  const uint8_t low = packed[sub_block + 4];
  return {.scale = static_cast<uint8_t>((low & 15) | packed[sub_block - 4] >> 6 << 4),
          .min = static_cast<uint8_t>(low >> 4 | packed[sub_block] >> 6 << 4)};
}

constexpr void pack_scale_mins(const ScaleMin (&values)[8], uint8_t (&packed)[12]) {
  for (int b = 0; b < 4; ++b) {
    const ScaleMin low = values[b];
    const ScaleMin high = values[b + 4];
    packed[b] = static_cast<uint8_t>(low.scale | high.scale >> 4 << 6);
    packed[b + 4] = static_cast<uint8_t>(low.min | high.min >> 4 << 6);
    packed[b + 8] = static_cast<uint8_t>((high.scale & 15) | (high.min & 15) << 4);
  }
}

// Q3_K: sixteen scales, each stored with 32 added, returned without: -32..31.
//
//   byte 0..7     bits 0-3 of s[b] in bits 0-3, of s[b + 8] in bits 4-7               (b = byte)
//   byte 8..11    bits 4-5 of s[b], s[b + 4], s[b + 8], s[b + 12], from bit 0 upwards  (b = byte - 8)
constexpr int unpack_scale_q3(const uint8_t (&packed)[12], size_t sub_block) {
  const int low = packed[sub_block % 8] >> (sub_block / 8 * 4) & 15;
  const int high = packed[8 + sub_block % 4] >> (sub_block / 4 * 2) & 3;
  return (low | high << 4) - 32;
}

constexpr void pack_scales_q3(const int8_t (&values)[16], uint8_t (&packed)[12]) {
  for (uint8_t& byte : packed) byte = 0;
  for (int b = 0; b < 16; ++b) {
    const int stored = values[b] + 32;
    packed[b % 8] |= static_cast<uint8_t>((stored & 15) << (b / 8 * 4));
    packed[8 + b % 4] |= static_cast<uint8_t>(stored >> 4 << (b / 4 * 2));
  }
}

}  // namespace chord::quant
