#include "text/fold.h"

#include <gtest/gtest.h>

namespace chord::text {
namespace {

TEST(Fold, TakesAccentsAway) {
  EXPECT_EQ(base_character(U'é'), U'e');
  EXPECT_EQ(base_character(U'Å'), U'A');
  EXPECT_EQ(base_character(U'Ậ'), U'A');
  EXPECT_EQ(base_character(U'ậ'), U'a');
  EXPECT_EQ(base_character(U'Й'), U'И');
  EXPECT_EQ(base_character(U'ᾳ'), U'α');
  EXPECT_EQ(base_character(U'ガ'), U'カ');
  EXPECT_EQ(base_character(0x212A), U'K');       // the sign of kelvin
  EXPECT_EQ(base_character(0x1D1C0), 0x1D1BAU);  // the last one
  EXPECT_EQ(base_character(0xAC00), 0x1100U);
  EXPECT_EQ(base_character(0xD7A3), 0x1112U);
}

TEST(Fold, LeavesTheRest) {
  for (const uint32_t c : {U'e', U'ø', U'ł', U'ß', U'中', U'ᄀ', U'ﬁ', U'①', U'😀'})
    EXPECT_EQ(base_character(c), c);
  for (const uint32_t c : {U'e', U'ß', U'ſ', U'中', U'ǆ'}) EXPECT_EQ(lower_case(c), c);
  EXPECT_EQ(base_character(0x10FFFF), 0x10FFFFU);
}

TEST(Fold, LowersCase) {
  EXPECT_EQ(lower_case(U'A'), U'a');
  EXPECT_EQ(lower_case(U'É'), U'é');
  EXPECT_EQ(lower_case(U'Ā'), U'ā');
  EXPECT_EQ(lower_case(U'Σ'), U'σ');
  EXPECT_EQ(lower_case(U'ẞ'), U'ß');
  EXPECT_EQ(lower_case(U'Ⅷ'), U'ⅷ');
  EXPECT_EQ(lower_case(U'ǅ'), U'ǆ');
  EXPECT_EQ(lower_case(0x130), U'i');  // whose lower case has a dot, too
  EXPECT_EQ(lower_case(0x10400), 0x10428U);
  EXPECT_EQ(lower_case(0x1E921), 0x1E943U);  // the last one
}

TEST(Fold, KnowsControls) {
  for (const uint32_t c : {0x0, 0x1F, 0x7F, 0x9F, 0xAD, 0x200B, 0x200F, 0xD800, 0xE000, 0xF8FF, 0xFEFF,
                           0xE0041, 0xF0000, 0x10FFFD}) {
    EXPECT_TRUE(is_control_character(c)) << c;
  }
  for (const uint32_t c : {0x20, 0x7E, 0xA0, 0x378, 0x2010, 0x2065, 0xD7FF, 0xF900, 0xFFFD, 0x10FFFE}) {
    EXPECT_FALSE(is_control_character(c)) << c;
  }
}

}  // namespace
}  // namespace chord::text
