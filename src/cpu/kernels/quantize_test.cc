#include "cpu/kernels/testing.h"

namespace chord::cpu::kernels {
namespace {

// The reference keeps activations as bytes in their order. The other variants' numbers show in their
// products, which matmul_test.cc compares with the reference's.
template <class Block>
std::vector<Block> quantized(Type type, std::span<const float> x) {
  const auto bytes = quantize(std::prev(variants().end())->run, type, static_cast<uint32_t>(x.size()), x);
  std::vector<Block> blocks(x.size() / Block::kLength);
  std::memcpy(blocks.data(), bytes.data(), blocks.size() * sizeof(Block));
  return blocks;
}

template <class Block>
void expect_nearest(const Block& block, std::span<const float> x) {
  float largest = 0;
  for (const float value : x) largest = std::max(largest, std::abs(value));
  EXPECT_EQ(block.d, largest / 127);
  for (size_t i = 0; i < x.size(); ++i) {
    // A last place more than half a step: the quotient is rounded too.
    EXPECT_LE(std::abs(x[i] / block.d - static_cast<float>(block.q[i])), 0.50001F) << x[i];
  }
}

TEST(Quantize, RoundsToTheNearestOfShortBlocks) {
  for (const float scale : {1e-30F, 1.0F, 1e30F}) {
    const auto x = Random(5).values(96, scale);
    const auto blocks = quantized<ShortBlock<int8_t>>(Type::q4_0, x);
    for (size_t b = 0; b < blocks.size(); ++b) {
      expect_nearest(blocks[b], std::span(x).subspan(b * 32, 32));
      int sum = 0;
      for (const int8_t q : blocks[b].q) sum += q;
      EXPECT_EQ(blocks[b].sum, sum);
    }
  }
}

TEST(Quantize, RoundsToTheNearestOfLongBlocks) {
  const auto x = Random(6).values(512, 3);
  const auto blocks = quantized<LongBlock<int8_t>>(Type::q4_k, x);
  for (size_t b = 0; b < blocks.size(); ++b) {
    expect_nearest(blocks[b], std::span(x).subspan(b * 256, 256));
    for (uint32_t i = 0; i < 16; ++i) {
      int sum = 0;
      for (uint32_t j = 0; j < 16; ++j) sum += blocks[b].q[i * 16 + j];
      EXPECT_EQ(blocks[b].half_sums[i], sum);
    }
    for (uint32_t i = 0; i < 8; ++i) {
      EXPECT_EQ(blocks[b].sums[i], blocks[b].half_sums[2 * i] + blocks[b].half_sums[2 * i + 1]);
    }
  }
}

TEST(Quantize, RoundsTiesToEven) {
  std::vector<float> x(32);
  const float values[] = {127, 0.5F, 1.5F, 2.5F, -0.5F, -1.5F, -127};
  std::ranges::copy(values, x.begin());
  const auto blocks = quantized<ShortBlock<int8_t>>(Type::q4_0, x);
  EXPECT_THAT(std::span(blocks[0].q).first(7), testing::ElementsAre(127, 0, 2, 2, 0, -2, -127));
}

TEST(Quantize, MakesZeroOfWhatIsTooSmallForAScale) {
  for (const float value : {0.0F, 0x1p-149F, 0x1p-121F}) {
    std::vector<float> x(32);
    x[3] = value;
    const auto block = quantized<ShortBlock<int8_t>>(Type::q4_0, x)[0];
    EXPECT_EQ(block.d, 0);
    EXPECT_THAT(block.q, testing::Each(0));
  }
}

TEST(Quantize, MarksBlocksThatAreNotFinite) {
  for (const float value : {kNan, -kNan, kInfinity, -kInfinity}) {
    auto x = Random(7).values(64);
    x[40] = value;
    const auto blocks = quantized<ShortBlock<int8_t>>(Type::q4_0, x);
    EXPECT_FALSE(std::isnan(blocks[0].d));
    EXPECT_TRUE(std::isnan(blocks[1].d));
    EXPECT_THAT(blocks[1].q, testing::Each(0));
    EXPECT_EQ(blocks[1].sum, 0);
  }
}

}  // namespace
}  // namespace chord::cpu::kernels
