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
void take(Team& team, uint32_t thread, uint32_t total, uint32_t piece, std::vector<uint32_t>& taken) {
  Walk walk = {.team = team};
  Share(walk).each(total, piece, [&](uint32_t begin, uint32_t end) {
    EXPECT_EQ(begin % piece, 0U);
    EXPECT_TRUE(end % piece == 0 || end == total);
    for (uint32_t i = begin; i < end; ++i) ++taken[i];
    if (thread + 1 < team.thread_count) take(team, thread + 1, total, piece, taken);
  });
  count_done(walk);
}

TEST(Share, HandsOutEveryPieceOnce) {
  for (const uint32_t threads : {2U, 3U, 7U}) {
    for (const uint32_t total : {0U, 1U, 5U, 16U, 17U, 100U, 2048U}) {
      for (const uint32_t piece : {1U, 4U, 16U, 5000U}) {
        Team team;
        team.thread_count = threads;
        std::vector<uint32_t> taken(total);
        take(team, 0, total, piece, taken);
        EXPECT_THAT(taken, testing::Each(1U)) << threads << " " << total << " " << piece;
        EXPECT_EQ(team.done, (total + piece - 1) / piece);
      }
    }
  }
}

TEST(Share, HandsOutEveryPieceInOnePart) {
  for (const uint32_t parts : {1U, 2U, 3U, 7U, 65535U}) {
    for (const uint32_t total : {0U, 1U, 5U, 16U, 100U, 2048U}) {
      Team team;
      std::vector<uint32_t> alone(total);
      std::vector<uint32_t> shared(total);
      const auto count_in = [](std::vector<uint32_t>& taken) {
        return [&](uint32_t begin, uint32_t end) {
          EXPECT_LT(begin, end);
          EXPECT_EQ(begin % 4, 0U);
          for (uint32_t i = begin; i < end; ++i) ++taken[i];
        };
      };
      for (uint32_t i = 0; i < parts; ++i) {
        const Part part = {.index = i, .count = parts};
        Share(part).each(total, 4, count_in(alone));
        Walk walk = {.team = team, .next = team.taken};
        Share(walk, part).each(total, 4, count_in(shared));
      }
      EXPECT_THAT(alone, testing::Each(1U)) << total << " in " << parts;
      EXPECT_THAT(shared, testing::Each(1U)) << total << " in " << parts;
    }
  }
}

TEST(Share, LeavesNoThreadMuchMoreThanItsPart) {
  Team team;
  team.thread_count = 4;
  Walk walk = {.team = team};
  uint32_t longest = 0;
  Ranges ranges;
  Share(walk).each(8000, 8, [&](uint32_t begin, uint32_t end) {
    longest = std::max(longest, end - begin);
    ranges.emplace_back(begin, end);
  });
  EXPECT_LE(longest, 8000U / 8);
  EXPECT_EQ(ranges.back().second - ranges.back().first, 8U);
}

TEST(Share, CutsArraysAtWholeVectors) {
  Team team;
  Walk walk = {.team = team};
  uint64_t end_before = 0;
  Share(walk).each_element(70'001, 512, [&](uint64_t begin, uint64_t end) {
    EXPECT_EQ(begin, end_before);
    EXPECT_EQ(begin % 64, 0U);
    end_before = end;
  });
  EXPECT_EQ(end_before, 70'001U);
}

TEST(Share, HasOneFirstThread) {
  Team team;
  Walk one = {.team = team};
  Walk other = {.team = team};
  EXPECT_TRUE(Share(one).first());
  EXPECT_FALSE(Share(other).first());
}

TEST(Share, LetsAThreadThatComesLateTakeWhatIsLeft) {
  Team team;
  team.thread_count = 2;
  Walk early = {.team = team};
  Walk late = {.team = team};
  const auto take_all = [](Walk& walk) {
    uint32_t taken = 0;
    Share(walk).each(10, 2, [&](uint32_t begin, uint32_t end) { taken += end - begin; });
    return taken;
  };
  // Of three commands, the early thread does two while the late one sleeps.
  EXPECT_EQ(take_all(early), 10U);
  EXPECT_EQ(take_all(early), 10U);
  EXPECT_EQ(take_all(late), 0U);
  EXPECT_EQ(take_all(late), 0U);
  EXPECT_EQ(take_all(late), 10U);
  EXPECT_EQ(take_all(early), 0U);
  count_done(late);
  count_done(early);
  EXPECT_EQ(team.done, 15U);
}

TEST(Share, CountsAcrossTheEndOfTheNumbers) {
  Team team;
  team.taken = UINT32_MAX - 2;
  Walk walk = {.team = team, .next = UINT32_MAX - 2};
  std::vector<uint32_t> taken(10);
  Share(walk).each(10, 1, [&](uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; ++i) ++taken[i];
  });
  EXPECT_THAT(taken, testing::Each(1U));
}

}  // namespace
}  // namespace chord::cpu::kernels
