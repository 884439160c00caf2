#include "quant/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace chord::quant {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

static_assert(f32_to_f16(1.0f) == 0x3c00);
static_assert(f32_to_f16(-2.0f) == 0xc000);
static_assert(f16_to_f32(0x3555) == 0x1.554p-2f);
static_assert(f32_to_bf16(1.0f) == 0x3f80);
static_assert(bf16_to_f32(0xbf80) == -1.0f);

bool is_nan(uint32_t bits, uint32_t infinity) {
  return bits > infinity;
}

TEST(F16, EveryPatternComesBack) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const auto h = static_cast<uint16_t>(bits);
    // A signalling NaN becomes quiet, and keeps its payload.
    const uint32_t expected = is_nan(bits & 0x7fff, 0x7c00) ? bits | 0x200 : bits;
    EXPECT_EQ(f32_to_f16(f16_to_f32(h)), expected) << std::hex << bits;
  }
}

TEST(F16, WideningIsTheFormula) {
  for (uint32_t bits = 0; bits < 0x7c00; ++bits) {
    const int exponent = static_cast<int>(bits >> 10);
    const int mantissa = static_cast<int>(bits & 0x3ff);
    const float expected = exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -24)
                                         : std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
    EXPECT_EQ(f16_to_f32(static_cast<uint16_t>(bits)), expected);
    EXPECT_EQ(f16_to_f32(static_cast<uint16_t>(bits | 0x8000)), -expected);
  }
  EXPECT_EQ(f16_to_f32(0x7c00), kInfinity);
  EXPECT_EQ(f16_to_f32(0xfc00), -kInfinity);
  EXPECT_TRUE(std::signbit(f16_to_f32(0x8000)));
}

// Between all neighbours, subnormals included: the midpoint goes to the even one, anything else to the
// nearer.
TEST(F16, RoundsToNearestTiesToEven) {
  for (uint32_t bits = 0; bits < 0x7bff; ++bits) {
    const auto lower = static_cast<uint16_t>(bits);
    const auto upper = static_cast<uint16_t>(bits + 1);
    const float middle = (f16_to_f32(lower) + f16_to_f32(upper)) / 2;
    const uint16_t even = bits % 2 == 0 ? lower : upper;
    EXPECT_EQ(f32_to_f16(middle), even);
    EXPECT_EQ(f32_to_f16(-middle), even | 0x8000);
    EXPECT_EQ(f32_to_f16(std::nextafter(middle, 0.0f)), lower);
    EXPECT_EQ(f32_to_f16(std::nextafter(middle, kInfinity)), upper);
  }
}

TEST(F16, OverflowsAndUnderflows) {
  EXPECT_EQ(f32_to_f16(65504.0f), 0x7bff);
  EXPECT_EQ(f32_to_f16(std::nextafter(65520.0f, 0.0f)), 0x7bff);
  EXPECT_EQ(f32_to_f16(65520.0f), 0x7c00);
  EXPECT_EQ(f32_to_f16(-std::numeric_limits<float>::max()), 0xfc00);
  EXPECT_EQ(f32_to_f16(-kInfinity), 0xfc00);
  EXPECT_EQ(f32_to_f16(0x1p-25f), 0);
  EXPECT_EQ(f32_to_f16(std::nextafter(0x1p-25f, 1.0f)), 1);
  EXPECT_EQ(f32_to_f16(-std::numeric_limits<float>::denorm_min()), 0x8000);
}

TEST(F16, KeepsNan) {
  EXPECT_EQ(std::bit_cast<uint32_t>(f16_to_f32(0x7c01)), 0x7fc02000u);
  // The payload of a signalling NaN that has only low bits must not vanish, which would make it infinite.
  EXPECT_EQ(f32_to_f16(std::bit_cast<float>(0x7f800001u)), 0x7e00);
  EXPECT_EQ(f32_to_f16(std::bit_cast<float>(0xffc02000u)), 0xfe01);
}

TEST(Bf16, EveryPatternComesBack) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const uint32_t expected = is_nan(bits & 0x7fff, 0x7f80) ? bits | 0x40 : bits;
    EXPECT_EQ(f32_to_bf16(bf16_to_f32(static_cast<uint16_t>(bits))), expected) << std::hex << bits;
  }
}

TEST(Bf16, RoundsToNearestTiesToEven) {
  const auto rounded = [](uint32_t bits) { return f32_to_bf16(std::bit_cast<float>(bits)); };
  EXPECT_EQ(rounded(0x3f808000u), 0x3f80);
  EXPECT_EQ(rounded(0x3f808001u), 0x3f81);
  EXPECT_EQ(rounded(0x3f817fffu), 0x3f81);
  EXPECT_EQ(rounded(0x3f818000u), 0x3f82);
  EXPECT_EQ(rounded(0xbf818000u), 0xbf82);
  EXPECT_EQ(rounded(0x00008001u), 0x0001);  // subnormal
  EXPECT_EQ(rounded(0x7f7fffffu), 0x7f80);  // overflows to infinity
  EXPECT_EQ(rounded(0x7f800001u), 0x7fc0);  // NaN
}

}  // namespace
}  // namespace chord::quant
