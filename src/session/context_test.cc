#include "session/context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace chord::session {
namespace {

using testing::ElementsAre;

using Ids = std::vector<int32_t>;

Context evaluated(uint32_t length, const Ids& tokens) {
  Context context(length);
  context.assign(tokens);
  context.complete(static_cast<uint32_t>(tokens.size()));
  return context;
}

TEST(Context, HandsOutTheTextInChunks) {
  Context context(10);
  context.assign(Ids{1, 2, 3, 4, 5});
  EXPECT_THAT(context.next(3), ElementsAre(1, 2, 3));
  context.complete(3);
  EXPECT_EQ(context.used(), 3u);
  EXPECT_THAT(context.next(3), ElementsAre(4, 5));
  context.complete(2);
  EXPECT_EQ(context.pending(), 0u);
  context.append(6);
  EXPECT_THAT(context.next(3), ElementsAre(6));
}

TEST(Context, ReusesTheSharedBeginning) {
  Context context = evaluated(10, {1, 2, 3, 4});
  context.assign(Ids{1, 2, 9, 4});
  EXPECT_EQ(context.used(), 2u);
  EXPECT_THAT(context.next(10), ElementsAre(9, 4));
}

TEST(Context, EvaluatesTheLastTokenAgain) {
  Context context = evaluated(10, {1, 2, 3, 4});
  context.assign(Ids{1, 2, 3, 4});
  EXPECT_THAT(context.next(10), ElementsAre(4));
  context = evaluated(10, {1, 2, 3, 4});
  context.assign(Ids{1, 2});
  EXPECT_THAT(context.next(10), ElementsAre(2));
}

TEST(Context, DoesNotReuseWhatWasNotEvaluated) {
  Context context(10);
  context.assign(Ids{1, 2, 3, 4});
  context.complete(2);
  context.assign(Ids{1, 2, 3, 4});
  EXPECT_EQ(context.used(), 2u);
  context.drop_pending();
  EXPECT_EQ(context.pending(), 0u);
  EXPECT_EQ(context.used(), 2u);
}

TEST(Context, ShiftForgetsTheOldestHalfBehindWhatItKeeps) {
  Context context = evaluated(8, {0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_TRUE(context.fits());
  context.append(8);
  EXPECT_FALSE(context.fits());
  context.shift(3);
  EXPECT_TRUE(context.fits());
  EXPECT_EQ(context.used(), 3u);
  EXPECT_THAT(context.next(10), ElementsAre(6, 7, 8));
}

TEST(Context, ShiftMakesRoomForOneTokenAtLeast) {
  Context context = evaluated(4, {0, 1, 2, 3});
  context.append(4);
  context.shift(3);
  EXPECT_TRUE(context.fits());
  EXPECT_THAT(context.next(10), ElementsAre(4));
}

}  // namespace
}  // namespace chord::session
