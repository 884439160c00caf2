#include "quant/decode.h"

#include "cpu/kernels/testing.h"
#include "quant/half.h"
#include "quant/type.h"

namespace chord::cpu::kernels {
namespace {

TEST(Blocks, HaveTheSizesOfTheFile) {
  for (const Type type : kTypes) {
    const auto traits = quant::find_traits(static_cast<uint32_t>(type));
    ASSERT_TRUE(traits && traits->is_weight);
    EXPECT_EQ(block_size(type).length, traits->block_length) << traits->name;
    EXPECT_EQ(block_size(type).bytes, traits->block_bytes) << traits->name;
  }
}

TEST(Half, ConvertsAsTheFormatsDo) {
  for (uint32_t half = 0; half < 0x10000; ++half) {
    const float value = f16_to_f32(static_cast<uint16_t>(half));
    const float expected = quant::f16_to_f32(static_cast<uint16_t>(half));
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(value));
    } else {
      EXPECT_EQ(bits_of(value), bits_of(expected));
    }
  }
  for (uint32_t bits = 0; bits < 0xffff0000U; bits += 0x3d1) {
    EXPECT_EQ(f32_to_f16(float_of(bits)), quant::f32_to_f16(float_of(bits))) << bits;
  }
}

class Embedding : public KernelTest {
 protected:
  static std::vector<float> embed(Type type, const std::vector<uint8_t>& table, uint32_t columns,
                                  const std::vector<int32_t>& tokens, bool by_position = false) {
    const auto packed = pack(variant(), type, columns, table);
    std::vector<float> out(tokens.size() * columns);
    const Step step = {
        .tokens = address(tokens), .token_count = static_cast<uint32_t>(tokens.size()), .first_position = 1};
    const Embed op = {.table = address(packed),
                      .out = address(out),
                      .type = static_cast<uint32_t>(type),
                      .columns = columns,
                      .row_count = static_cast<uint32_t>(table.size() / row_bytes(type, columns)),
                      .by_position = by_position ? 1U : 0U};
    run_op(variant(), step, Op::embed, &Command::embed, op);
    return out;
  }

  static std::vector<float> decode(Type type, const std::vector<uint8_t>& table) {
    const BlockSize size = block_size(type);
    std::vector<float> result(table.size() / size.bytes * size.length);
    quant::decode(static_cast<quant::Type>(type), std::as_bytes(std::span(table)), result);
    return result;
  }
};
CHORD_TEST_EVERY_VARIANT(Embedding);

TEST_P(Embedding, DecodesEveryTypeToTheBit) {
  for (const Type type : kTypes) {
    SCOPED_TRACE(static_cast<uint32_t>(type));
    const uint32_t blocks = block_size(type).length == 1 ? 21 : 3;
    const uint32_t columns = block_size(type).length * blocks;
    Random random(static_cast<uint32_t>(type));
    for (const float scale : {1e-7F, 0.01F, 65504.0F}) {
      const auto table = random.blocks(type, size_t{blocks} * 4, scale);
      expect_equal_bits(embed(type, table, columns, {0, 1, 2, 3}), decode(type, table));
    }
    const std::vector<uint8_t> zeros(size_t{block_size(type).bytes} * blocks, 0);
    expect_equal_bits(embed(type, zeros, columns, {0}), decode(type, zeros));
  }
}

TEST_P(Embedding, DecodesAnyBytes) {
  for (const Type type : kTypes) {
    SCOPED_TRACE(static_cast<uint32_t>(type));
    const uint32_t blocks = block_size(type).length == 1 ? 64 : 2;
    Random random(77);
    std::vector<uint8_t> table(size_t{blocks} * block_size(type).bytes * 16);
    for (uint8_t& byte : table) byte = static_cast<uint8_t>(random.below(256));
    std::vector<int32_t> tokens(16);
    for (int32_t i = 0; i < 16; ++i) tokens[i] = i;
    expect_equal_bits(embed(type, table, block_size(type).length * blocks, tokens), decode(type, table));
  }
}

TEST_P(Embedding, TakesTheRowsInTheOrderOfTheTokens) {
  const std::vector<float> rows = {1, 2, 3, 4, 5, 6};
  std::vector<uint8_t> table(sizeof(float) * rows.size());
  std::memcpy(table.data(), rows.data(), table.size());
  EXPECT_THAT(embed(Type::f32, table, 2, {2, 0, 2}), testing::ElementsAre(5, 6, 1, 2, 5, 6));
}

TEST_P(Embedding, TakesTheRowsOfThePositions) {
  const std::vector<float> rows = {1, 2, 3, 4, 5, 6};
  std::vector<uint8_t> table(sizeof(float) * rows.size());
  std::memcpy(table.data(), rows.data(), table.size());
  EXPECT_THAT(embed(Type::f32, table, 2, {7, 0}, true), testing::ElementsAre(3, 4, 5, 6));
}

TEST_P(Embedding, MarksIdsOutsideTheVocabulary) {
  const std::vector<uint8_t> table(12);
  expect_near(embed(Type::f32, table, 1, {3, 0, -1}), std::vector<float>{kNan, 0, kNan}, 0);
  expect_near(embed(Type::f32, table, 1, {0, 0, 0}, true), std::vector<float>{0, 0, kNan}, 0);
}

}  // namespace
}  // namespace chord::cpu::kernels
