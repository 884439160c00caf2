#include "quant/decode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "quant/half.h"

namespace chord::quant {
namespace {

// A second decoder, written from the format's description as positions of bits in the block; it shares
// nothing with the first but half.h.
class Bits {
 public:
  explicit Bits(std::span<const std::byte> block) : block_(block) {}

  // `count` bits, of which the lowest is bit `bit` of byte `byte`.
  int field(int byte, int bit, int count) const {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      const int position = byte * 8 + bit + i;
      value |= (std::to_integer<int>(block_[position / 8]) >> position % 8 & 1) << i;
    }
    return value;
  }
  float half(int byte) const { return f16_to_f32(static_cast<uint16_t>(field(byte, 0, 16))); }
  int int8(int byte) const { return static_cast<int8_t>(field(byte, 0, 8)); }

 private:
  std::span<const std::byte> block_;
};

float times(float scale, int q) {
  return scale * static_cast<float>(q);
}

// Where a nibble of w[i] lies in the 32-weight types: the first 16 low, the second 16 high.
int nibble(const Bits& b, int qs, int i) {
  return b.field(qs + i % 16, i / 16 * 4, 4);
}

// Two bits of w[i] in Q2_K and Q3_K: 128 weights in 32 bytes, 32 weights per pair of bits.
int pair(const Bits& b, int qs, int i) {
  return b.field(qs + i / 128 * 32 + i % 32, i / 32 % 4 * 2, 2);
}

struct SixBits {
  int scale;
  int min;
};

// Q4_K and Q5_K; the twelve bytes begin at byte 4.
SixBits six_bits(const Bits& b, int sub_block) {
  switch (sub_block) {
    case 0:
    case 1:
    case 2:
    case 3:
      return {b.field(4 + sub_block, 0, 6), b.field(8 + sub_block, 0, 6)};
    default:
      return {b.field(8 + sub_block, 0, 4) + 16 * b.field(sub_block, 6, 2),
              b.field(8 + sub_block, 4, 4) + 16 * b.field(4 + sub_block, 6, 2)};
  }
}

float iq4_level(int q) {
  constexpr float kLevels[] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
  return kLevels[q];
}

float slow_q4_k(const Bits& b, int i) {
  const SixBits s = six_bits(b, i / 32);
  const int q = b.field(16 + i / 64 * 32 + i % 32, i / 32 % 2 * 4, 4);
  return times(times(b.half(0), s.scale), q) - times(b.half(2), s.min);
}

float slow_q5_k(const Bits& b, int i) {
  const SixBits s = six_bits(b, i / 32);
  const int q = b.field(48 + i / 64 * 32 + i % 32, i / 32 % 2 * 4, 4) + 16 * b.field(16 + i % 32, i / 32, 1);
  return times(times(b.half(0), s.scale), q) - times(b.half(2), s.min);
}

float slow_q3_k(const Bits& b, int i) {
  const int sub_block = i / 16;
  const int scale = b.field(96 + sub_block % 8, sub_block / 8 * 4, 4) +
                    16 * b.field(104 + sub_block % 4, sub_block / 4 * 2, 2) - 32;
  const int q = pair(b, 32, i) + 4 * b.field(i % 32, i / 32, 1) - 4;
  return times(times(b.half(108), scale), q);
}

float slow_q6_k(const Bits& b, int i) {
  const int half = i / 128;
  const int quarter = i / 32 % 4;
  const int q = b.field(half * 64 + i % 64, quarter / 2 * 4, 4) +
                16 * b.field(128 + half * 32 + i % 32, quarter * 2, 2) - 32;
  return times(times(b.half(208), b.int8(192 + i / 16)), q);
}

float slow_iq4_xs(const Bits& b, int i) {
  const int sub_block = i / 32;
  const int scale = b.field(4 + sub_block / 2, sub_block % 2 * 4, 4) + 16 * b.field(2, sub_block * 2, 2) - 32;
  return times(b.half(0), scale) * iq4_level(nibble(b, 8 + sub_block * 16, i % 32));
}

struct SlowDecoder {
  Type type;
  std::array<int, 2> halves;  // bytes where an f16 lies, or -1
  float (*weight)(const Bits&, int);
};

constexpr SlowDecoder kSlowDecoders[] = {
    {Type::f16, {0, -1}, [](const Bits& b, int) { return b.half(0); }},
    {Type::bf16, {-1, -1}, [](const Bits& b, int) { return std::bit_cast<float>(b.field(0, 0, 16) << 16); }},
    {Type::q4_0, {0, -1}, [](const Bits& b, int i) { return times(b.half(0), nibble(b, 2, i) - 8); }},
    {Type::q4_1, {0, 2}, [](const Bits& b, int i) { return times(b.half(0), nibble(b, 4, i)) + b.half(2); }},
    {Type::q5_0,
     {0, -1},
     [](const Bits& b, int i) { return times(b.half(0), nibble(b, 6, i) + 16 * b.field(2, i, 1) - 16); }},
    {Type::q5_1,
     {0, 2},
     [](const Bits& b, int i) {
       return times(b.half(0), nibble(b, 8, i) + 16 * b.field(4, i, 1)) + b.half(2);
     }},
    {Type::q8_0, {0, -1}, [](const Bits& b, int i) { return times(b.half(0), b.int8(2 + i)); }},
    {Type::q2_k,
     {80, 82},
     [](const Bits& b, int i) {
       return times(times(b.half(80), b.field(i / 16, 0, 4)), pair(b, 16, i)) -
              times(b.half(82), b.field(i / 16, 4, 4));
     }},
    {Type::q3_k, {108, -1}, slow_q3_k},
    {Type::q4_k, {0, 2}, slow_q4_k},
    {Type::q5_k, {0, 2}, slow_q5_k},
    {Type::q6_k, {208, -1}, slow_q6_k},
    {Type::q8_k,
     {-1, -1},
     [](const Bits& b, int i) {
       const auto low = static_cast<uint32_t>(b.field(0, 0, 16));
       const auto high = static_cast<uint32_t>(b.field(2, 0, 16));
       return times(std::bit_cast<float>(low | high << 16), b.int8(4 + i));
     }},
    {Type::iq4_nl, {0, -1}, [](const Bits& b, int i) { return b.half(0) * iq4_level(nibble(b, 2, i)); }},
    {Type::iq4_xs, {0, -1}, slow_iq4_xs},
};

class Decode : public testing::TestWithParam<SlowDecoder> {};

TEST_P(Decode, AgreesWithBitPositions) {
  const auto& [type, halves, slow_weight] = GetParam();
  const TypeTraits t = traits(type);
  constexpr size_t kBlocks = 100;
  std::mt19937 random(static_cast<uint32_t>(type));
  // One byte more in front: blocks may lie at odd addresses.
  std::vector<std::byte> storage(1 + kBlocks * t.block_bytes);
  const auto blocks = std::span(storage).subspan(1);
  for (std::byte& byte : blocks) byte = static_cast<std::byte>(random());
  for (size_t block = 0; block < kBlocks; ++block) {
    // An exponent of all ones is infinite or NaN: tested below.
    for (const int at : halves) {
      if (at >= 0) blocks[block * t.block_bytes + at + 1] &= std::byte{0xbf};
    }
  }

  std::vector<float> weights(kBlocks * t.block_length);
  decode(type, blocks, weights);
  for (size_t i = 0; i < weights.size(); ++i) {
    const size_t block = i / t.block_length;
    const float expected = slow_weight(Bits(blocks.subspan(block * t.block_bytes, t.block_bytes)),
                                       static_cast<int>(i % t.block_length));
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(weights[i])) << "weight " << i;
    } else {
      ASSERT_EQ(std::bit_cast<uint32_t>(weights[i]), std::bit_cast<uint32_t>(expected)) << "weight " << i;
    }
  }
}

TEST_P(Decode, TakesAnyBytes) {
  const Type type = GetParam().type;
  std::vector<std::byte> blocks(traits(type).block_bytes, std::byte{0xff});
  std::vector<float> weights(traits(type).block_length, 1.0f);
  decode(type, blocks, weights);
  for (const float weight : weights) EXPECT_TRUE(std::isnan(weight));
}

INSTANTIATE_TEST_SUITE_P(EveryType, Decode, testing::ValuesIn(kSlowDecoders),
                         [](const auto& test) { return std::string(traits(test.param.type).name); });

TEST(DecodeF32, CopiesTheBits) {
  const float values[] = {1.5f, -0.0f, 0x1p-149f, INFINITY, NAN};
  float out[5];
  decode(Type::f32, std::as_bytes(std::span(values)), out);
  EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(values)), std::as_bytes(std::span(out))));
}

TEST(Decode, OfNothingIsNothing) {
  decode(Type::q4_k, {}, {});
  decode(Type::f32, {}, {});
}

// Hand-made, so that both decoders cannot share a mistake about which value a quantum stands for.
TEST(Decode, MeansWhatTheFormatSays) {
  uint8_t q4_0[18] = {0x00, 0x40, 0xf0};  // d = 2; w[0] = 2 * (0 - 8), w[16] = 2 * (15 - 8)
  float legacy[32];
  decode(Type::q4_0, std::as_bytes(std::span(q4_0)), legacy);
  EXPECT_EQ(legacy[0], -16);
  EXPECT_EQ(legacy[16], 14);
  EXPECT_EQ(legacy[31], -16);

  uint8_t q6_k[210] = {};
  q6_k[209] = 0x3c;            // d = 1
  q6_k[192 + 9] = 0xfe;        // sub-block 9, w[144..159], has the scale -2
  q6_k[64 + 16] = 0x05;        // low bits of w[144]
  q6_k[128 + 32 + 16] = 0x03;  // and its high bits
  float k[256];
  decode(Type::q6_k, std::as_bytes(std::span(q6_k)), k);
  EXPECT_EQ(k[144], -2 * (5 + 48 - 32));
  EXPECT_EQ(k[145], -2 * (0 - 32));
}

}  // namespace
}  // namespace chord::quant
