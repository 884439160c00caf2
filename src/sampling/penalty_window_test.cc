#include "sampling/penalty_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace chord::sampling {
namespace {

std::map<int32_t, uint32_t> as_map(const PenaltyWindow& window) {
  std::map<int32_t, uint32_t> counts;
  for (const plan::TokenCount& entry : window.counts()) counts[entry.token] += entry.count;
  EXPECT_EQ(counts.size(), window.counts().size()) << "a token is listed twice";
  return counts;
}

TEST(PenaltyWindow, CountsTheLastTokens) {
  std::mt19937 generator(1);
  std::vector<int32_t> text;
  PenaltyWindow window(7);
  for (int i = 0; i < 200; ++i) {
    text.push_back(static_cast<int32_t>(generator() % 5));
    window.push(text.back());
    std::map<int32_t, uint32_t> expected;
    for (size_t j = text.size() < 7 ? 0 : text.size() - 7; j < text.size(); ++j) ++expected[text[j]];
    ASSERT_EQ(as_map(window), expected) << "after " << text.size() << " tokens";
  }
}

TEST(PenaltyWindow, TakesTheEndOfALongText) {
  const std::vector<int32_t> text = {9, 9, 9, 9, 1, 2, 2};
  PenaltyWindow window(3);
  window.push(9);
  window.push(text);
  EXPECT_EQ(as_map(window), (std::map<int32_t, uint32_t>{{1, 1}, {2, 2}}));
}

TEST(PenaltyWindow, OfLengthZeroIsEmpty) {
  PenaltyWindow window(0);
  window.push(1);
  window.push(std::vector<int32_t>{1, 2});
  EXPECT_THAT(window.counts(), testing::IsEmpty());
}

}  // namespace
}  // namespace chord::sampling
