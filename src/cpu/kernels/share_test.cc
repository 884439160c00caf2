#include "cpu/kernels/share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace chord::cpu::kernels {
namespace {

using Ranges = std::vector<std::pair<uint32_t, uint32_t>>;

TEST(Share, GivesAllToTheOnlyThread) {
  Ranges ranges;
  const Share share;
  EXPECT_TRUE(share.first());
  share.each(7, 3, [&](uint32_t begin, uint32_t end) { ranges.emplace_back(begin, end); });
  share.each(0, 3, [&](uint32_t begin, uint32_t end) { ranges.emplace_back(begin, end); });
  EXPECT_THAT(ranges, testing::ElementsAre(std::pair(0U, 7U)));
}

// The threads take turns: within its piece, each lets the next one take pieces.
void take(uint32_t thread, uint32_t threads, uint32_t total, uint32_t piece, uint32_t* counter,
          std::vector<uint32_t>& taken) {
  const Share share(thread, threads, counter);
  share.each(total, piece, [&](uint32_t begin, uint32_t end) {
    EXPECT_EQ(begin % piece, 0U);
    EXPECT_TRUE(end % piece == 0 || end == total);
    for (uint32_t i = begin; i < end; ++i) ++taken[i];
    if (thread + 1 < threads) take(thread + 1, threads, total, piece, counter, taken);
  });
}

TEST(Share, HandsOutEveryPieceOnce) {
  for (const uint32_t threads : {2U, 3U, 7U}) {
    for (const uint32_t total : {0U, 1U, 5U, 16U, 17U, 100U, 2048U}) {
      for (const uint32_t piece : {1U, 4U, 16U, 5000U}) {
        uint32_t counter = 0;
        std::vector<uint32_t> taken(total);
        take(0, threads, total, piece, &counter, taken);
        EXPECT_THAT(taken, testing::Each(1U)) << threads << " " << total << " " << piece;
      }
    }
  }
}

TEST(Share, LeavesNoThreadMuchMoreThanItsPart) {
  uint32_t counter = 0;
  uint32_t longest = 0;
  Ranges ranges;
  Share(0, 4, &counter).each(8000, 8, [&](uint32_t begin, uint32_t end) {
    longest = std::max(longest, end - begin);
    ranges.emplace_back(begin, end);
  });
  EXPECT_LE(longest, 8000U / 8);
  EXPECT_EQ(ranges.back().second - ranges.back().first, 8U);
}

TEST(Share, CutsArraysAtWholeVectors) {
  uint32_t counter = 0;
  uint64_t end_before = 0;
  Share(0, 2, &counter).each_element(70'001, [&](uint64_t begin, uint64_t end) {
    EXPECT_EQ(begin, end_before);
    EXPECT_EQ(begin % 64, 0U);
    end_before = end;
  });
  EXPECT_EQ(end_before, 70'001U);
}

TEST(Share, HasOneFirstThread) {
  uint32_t counter = 0;
  EXPECT_TRUE(Share(0, 3, &counter).first());
  EXPECT_FALSE(Share(1, 3, &counter).first());
  EXPECT_FALSE(Share(2, 3, &counter).first());
}

}  // namespace
}  // namespace chord::cpu::kernels
