#include "quant/encode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "quant/decode.h"

namespace chord::quant {
namespace {

constexpr int kCount = 512;  // a whole number of blocks of every type

std::vector<std::byte> encoded(Type type, std::span<const float> weights) {
  std::vector<std::byte> bytes(bytes_of(type, weights.size()));
  encode(type, weights, bytes);
  return bytes;
}

std::vector<float> round_trip(Type type, std::span<const float> weights) {
  std::vector<float> out(weights.size());
  decode(type, encoded(type, weights), out);
  return out;
}

std::vector<float> normal(float deviation, uint32_t seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> distribution(0, deviation);
  std::vector<float> weights(kCount);
  for (float& weight : weights) weight = distribution(random);
  return weights;
}

// Root mean square of the error, over that of the weights.
double relative_error(std::span<const float> weights, std::span<const float> decoded) {
  double error = 0;
  double total = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const double miss = static_cast<double>(decoded[i]) - static_cast<double>(weights[i]);
    error += miss * miss;
    total += static_cast<double>(weights[i]) * static_cast<double>(weights[i]);
  }
  return std::sqrt(error / total);
}

struct TypeCase {
  Type type;
  double normal_error;  // relative error on normally distributed weights: at most this, at least half of it
};

constexpr TypeCase kBlockTypes[] = {
    {Type::q4_0, 0.10}, {Type::q4_1, 0.09}, {Type::q5_0, 0.05}, {Type::q5_1, 0.045}, {Type::q8_0, 0.007},
    {Type::q2_k, 0.32}, {Type::q3_k, 0.18}, {Type::q4_k, 0.08}, {Type::q5_k, 0.04},  {Type::q6_k, 0.021},
};

class EncodeBlocks : public testing::TestWithParam<TypeCase> {};

INSTANTIATE_TEST_SUITE_P(EveryType, EncodeBlocks, testing::ValuesIn(kBlockTypes),
                         [](const auto& test) { return std::string(traits(test.param.type).name); });

TEST_P(EncodeBlocks, LosesAsMuchAsTheBitsImply) {
  const auto weights = normal(0.02f);
  const double error = relative_error(weights, round_trip(GetParam().type, weights));
  EXPECT_LT(error, GetParam().normal_error);
  EXPECT_GT(error, GetParam().normal_error / 2);
}

TEST_P(EncodeBlocks, ScaleOfTheWeightsDoesNotMatter) {
  const auto weights = normal(1.0f);
  const double expected = relative_error(weights, round_trip(GetParam().type, weights));
  for (const float deviation : {0x1p-8f, 0x1p10f}) {
    std::vector<float> scaled = weights;
    for (float& weight : scaled) weight *= deviation;
    // Not to the bit: the f16 of a K-quant's scales is subnormal for the small ones.
    EXPECT_NEAR(relative_error(scaled, round_trip(GetParam().type, scaled)), expected, 0.02 * expected);
  }
}

TEST_P(EncodeBlocks, IsDeterministic) {
  const auto weights = normal(0.02f);
  EXPECT_EQ(encoded(GetParam().type, weights), encoded(GetParam().type, weights));
}

TEST_P(EncodeBlocks, BlocksDoNotInfluenceEachOther) {
  const auto weights = normal(0.02f);
  const auto all = encoded(GetParam().type, weights);
  const auto last = encoded(GetParam().type, std::span(weights).last(256));
  EXPECT_TRUE(std::ranges::equal(std::span(all).last(last.size()), last));
}

TEST_P(EncodeBlocks, ZerosStayZeros) {
  const std::vector<float> weights(kCount, 0.0f);
  for (const float weight : round_trip(GetParam().type, weights)) EXPECT_EQ(weight, 0.0f);
}

TEST_P(EncodeBlocks, ConstantsStayClose) {
  for (const float value : {1.0f, -1.0f, 0.37f, -0.0123f, 300.0f}) {
    const std::vector<float> weights(kCount, value);
    for (const float weight : round_trip(GetParam().type, weights)) {
      EXPECT_NEAR(weight, value, 0.01f * std::abs(value)) << value;
    }
  }
}

// The other sub-blocks share the outlier's d, so they suffer; the outlier must not.
TEST_P(EncodeBlocks, KeepsAnOutlier) {
  auto weights = normal(0.02f);
  weights[300] = -1000;
  const auto decoded = round_trip(GetParam().type, weights);
  EXPECT_NEAR(decoded[300], -1000.0f, 10.0f);
  for (const float weight : decoded) EXPECT_TRUE(std::isfinite(weight));
}

TEST_P(EncodeBlocks, TinyWeightsBecomeAtMostTiny) {
  for (const float tiny : {std::numeric_limits<float>::denorm_min(), 1e-40f, 1e-30f, 1e-10f, 1e-7f}) {
    auto weights = normal(tiny);
    weights[7] = -tiny;
    // A step of a subnormal f16 is 6e-8.
    for (const float weight : round_trip(GetParam().type, weights))
      EXPECT_LT(std::abs(weight), 5 * tiny + 1e-6f);
  }
}

TEST_P(EncodeBlocks, TheLargestWeightsStayFinite) {
  auto weights = normal(20000.0f);
  for (int i = 0; i < kCount; i += 5) weights[i] = i % 2 == 0 ? 65504.0f : -65504.0f;
  const auto decoded = round_trip(GetParam().type, weights);
  for (const float weight : decoded) EXPECT_TRUE(std::isfinite(weight));
  EXPECT_LT(relative_error(weights, decoded), 1.2 * GetParam().normal_error);
}

TEST_P(EncodeBlocks, NanCountsAsZeroAndInfinityAsTheLargestF16) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  auto hostile = normal(100.0f);
  auto expected = hostile;
  const float strange[] = {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity,
                           std::numeric_limits<float>::max(), -70000.0f};
  const float meaning[] = {0.0f, 65504.0f, -65504.0f, 65504.0f, -65504.0f};
  for (size_t i = 0; i < 5; ++i) {
    hostile[11 * i] = strange[i];
    expected[11 * i] = meaning[i];
  }
  EXPECT_EQ(encoded(GetParam().type, hostile), encoded(GetParam().type, expected));
}

// What a K-quant's decode gives is a point of its grid; the search must find a grid at least nearly as good.
TEST_P(EncodeBlocks, AgainLosesLittle) {
  const auto once = round_trip(GetParam().type, normal(0.02f));
  EXPECT_LT(relative_error(once, round_trip(GetParam().type, once)), GetParam().normal_error / 3);
}

TEST(Encode, KnowsWhatItCan) {
  EXPECT_TRUE(can_encode(Type::f32));
  EXPECT_TRUE(can_encode(Type::bf16));
  EXPECT_TRUE(can_encode(Type::q6_k));
  EXPECT_FALSE(can_encode(Type::iq4_nl));
  EXPECT_FALSE(can_encode(Type::q8_k));
  EXPECT_FALSE(can_encode(Type::i32));
}

TEST(Encode, FloatsKeepInfinityAndNan) {
  const float weights[] = {1.0f, -INFINITY, NAN, 1e38f, 0x1p-140f};
  for (const Type type : {Type::f32, Type::f16, Type::bf16}) {
    const auto decoded = round_trip(type, weights);
    EXPECT_EQ(decoded[0], 1.0f);
    EXPECT_EQ(decoded[1], -INFINITY);
    EXPECT_TRUE(std::isnan(decoded[2]));
    if (type == Type::f16) {
      EXPECT_EQ(decoded[3], INFINITY);
      EXPECT_EQ(decoded[4], 0.0f);
    } else {
      EXPECT_NEAR(decoded[3], 1e38f, 1e36f);
    }
  }
}

// Weights that lie on the grid and reach its end come back exactly.
TEST(Encode, LegacyTypesKeepTheirGrid) {
  std::vector<float> weights(32);
  for (int i = 0; i < 32; ++i) weights[i] = 0.25f * static_cast<float>(i % 16 - 8);
  EXPECT_EQ(round_trip(Type::q4_0, weights), weights);
  EXPECT_EQ(round_trip(Type::q4_1, weights), weights);
  for (int i = 0; i < 32; ++i) weights[i] = 0.25f * static_cast<float>(i - 16);
  EXPECT_EQ(round_trip(Type::q5_0, weights), weights);
  EXPECT_EQ(round_trip(Type::q5_1, weights), weights);
  for (int i = 0; i < 32; ++i) weights[i] = 0.25f * static_cast<float>(127 - 8 * i);
  EXPECT_EQ(round_trip(Type::q8_0, weights), weights);
}

}  // namespace
}  // namespace chord::quant
