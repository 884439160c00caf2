#include "quant/type.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace chord::quant {
namespace {

TEST(Type, HasTheSizesOfGguf) {
  EXPECT_EQ(traits(Type::f32).block_bytes, 4u);
  EXPECT_EQ(traits(Type::f32).block_length, 1u);
  EXPECT_EQ(traits(Type::q4_0).block_bytes, 18u);
  EXPECT_EQ(traits(Type::q4_0).block_length, 32u);
  EXPECT_EQ(traits(Type::q6_k).block_bytes, 210u);
  EXPECT_EQ(traits(Type::q6_k).block_length, 256u);
}

TEST(Type, FindsTraitsByNumberAndRefusesGaps) {
  for (uint32_t number = 0; number < 64; ++number) {
    const auto found = find_traits(number);
    if (found) EXPECT_EQ(static_cast<uint32_t>(found->type), number);
  }
  EXPECT_EQ(find_traits(12)->name, "Q4_K");
  EXPECT_EQ(find_traits(30)->name, "BF16");
  EXPECT_FALSE(find_traits(4));   // Q4_2, removed from ggml
  EXPECT_FALSE(find_traits(31));  // Q4_0_4_4, removed from ggml
  EXPECT_FALSE(find_traits(UINT32_MAX));
}

TEST(Type, FindsNamesInAnyCase) {
  EXPECT_EQ(find_type("q4_k"), Type::q4_k);
  EXPECT_EQ(find_type("Q4_K"), Type::q4_k);
  EXPECT_EQ(find_type("iq4_NL"), Type::iq4_nl);
  EXPECT_FALSE(find_type("q4_k_m"));  // a mix of types, not a type
  EXPECT_FALSE(find_type("q4"));
  EXPECT_FALSE(find_type(""));
}

TEST(Type, KnowsWhatAMatmulCanUse) {
  EXPECT_TRUE(traits(Type::iq4_xs).is_weight);
  EXPECT_TRUE(traits(Type::q8_k).is_weight);
  EXPECT_FALSE(traits(Type::q8_1).is_weight);
  EXPECT_FALSE(traits(Type::i32).is_weight);
}

}  // namespace
}  // namespace chord::quant
