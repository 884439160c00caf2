#include "quant/packed_scales.h"

#include <gtest/gtest.h>

namespace chord::quant {
namespace {

TEST(PackedScales, ScaleMinsComeBack) {
  for (int shift = 0; shift < 64; ++shift) {
    ScaleMin values[8];
    for (int b = 0; b < 8; ++b) {
      values[b] = {.scale = static_cast<uint8_t>((b * 11 + shift) % 64),
                   .min = static_cast<uint8_t>((b * 23 + 5 * shift) % 64)};
    }
    uint8_t packed[12];
    pack_scale_mins(values, packed);
    for (size_t b = 0; b < 8; ++b) {
      EXPECT_EQ(unpack_scale_min(packed, b).scale, values[b].scale);
      EXPECT_EQ(unpack_scale_min(packed, b).min, values[b].min);
    }
  }
}

TEST(PackedScales, Q3ScalesComeBack) {
  for (int shift = 0; shift < 64; ++shift) {
    int8_t values[16];
    for (int b = 0; b < 16; ++b) values[b] = static_cast<int8_t>((b * 7 + shift) % 64 - 32);
    uint8_t packed[12];
    pack_scales_q3(values, packed);
    for (size_t b = 0; b < 16; ++b) EXPECT_EQ(unpack_scale_q3(packed, b), values[b]);
  }
}

}  // namespace
}  // namespace chord::quant
