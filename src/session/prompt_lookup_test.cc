#include "session/prompt_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace chord::session {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Tokens = std::vector<int32_t>;

TEST(PromptLookup, GuessesWhatFollowedBefore) {
  const PromptLookup lookup(8);
  EXPECT_THAT(lookup.guess(Tokens{1, 2, 3, 4, 5, 6, 1, 2}, 8), ElementsAre(3, 4, 5, 6));
  EXPECT_THAT(lookup.guess(Tokens{1, 2, 3, 4, 5, 6, 1, 2}, 2), ElementsAre(3, 4));
  EXPECT_THAT(lookup.guess(Tokens{1, 2, 3, 1, 2}, 8), ElementsAre(3, 1, 2, 3)) << "and so on";
  EXPECT_THAT(lookup.guess(Tokens{7, 7, 7}, 8), ElementsAre(7, 7, 7, 7));
}

TEST(PromptLookup, TakesTheLatestOfTheLongestMatches) {
  const PromptLookup lookup(1);
  EXPECT_THAT(lookup.guess(Tokens{1, 2, 3, 4, 9, 2, 3, 5, 1, 2, 3}, 1), ElementsAre(4));
  EXPECT_THAT(lookup.guess(Tokens{1, 2, 3, 4, 1, 2, 3, 5, 1, 2, 3}, 1), ElementsAre(5));
}

TEST(PromptLookup, GuessesNothingWithoutAMatch) {
  const PromptLookup lookup(8);
  EXPECT_THAT(lookup.guess(Tokens{}, 8), IsEmpty());
  EXPECT_THAT(lookup.guess(Tokens{1, 1}, 8), IsEmpty());
  EXPECT_THAT(lookup.guess(Tokens{1, 2, 3, 4, 5, 2}, 8), IsEmpty()) << "one token is no match";
  EXPECT_THAT(lookup.guess(Tokens{1, 2, 1, 2}, 0), IsEmpty());
  EXPECT_THAT(PromptLookup(0).guess(Tokens{1, 2, 3, 1, 2}, 8), IsEmpty());
}

TEST(PromptLookup, LearnsHowFarGuessesGo) {
  const Tokens pair = {1, 2, 3, 1, 2};
  PromptLookup lookup(15);
  EXPECT_THAT(lookup.guess(pair, 99), SizeIs(4));
  lookup.learn(4, 4);
  EXPECT_THAT(lookup.guess(pair, 99), SizeIs(8));
  lookup.learn(8, 8);
  EXPECT_THAT(lookup.guess(pair, 99), SizeIs(15));
  lookup.learn(15, 3);
  EXPECT_THAT(lookup.guess(pair, 99), SizeIs(4));
  lookup.learn(4, 0);
  EXPECT_THAT(lookup.guess(pair, 99), SizeIs(1));
  lookup.learn(0, 0);
  EXPECT_THAT(lookup.guess(pair, 99), SizeIs(1));
}

}  // namespace
}  // namespace chord::session
