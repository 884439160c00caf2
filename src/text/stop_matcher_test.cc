#include "text/stop_matcher.h"

#include <gtest/gtest.h>

namespace chord::text {
namespace {

// What is shown in all, when the text comes in pieces of `size` bytes.
std::string shown(std::vector<std::string> stops, std::string_view text, size_t size) {
  StopMatcher matcher(std::move(stops));
  std::string out;
  for (size_t at = 0; at < text.size(); at += size) {
    const auto [piece, stopped] = matcher.push(text.substr(at, size));
    out += piece;
    if (stopped) return out + "|";
  }
  return out + matcher.finish();
}

struct StopCase {
  std::vector<std::string> stops;
  std::string_view text;
  std::string_view expected;  // with "|" where it stopped
};

TEST(StopMatcher, StopsBeforeTheStopStringHoweverTheTextIsCut) {
  const std::vector<StopCase> cases = {
      {{"END"}, "one END two", "one |"},
      {{"END"}, "one EN", "one EN"},
      {{"END"}, "END", "|"},
      {{"aab"}, "aaab", "a|"},         // the beginning overlaps itself
      {{"abcd", "bc"}, "abcd", "a|"},  // complete first
      {{"bc", "abc"}, "xabcd", "x|"},  // the longest of those that end together
      {{"abX", "ab"}, "1ab", "1|"},
      {{"\n\nUser:", "</s>"}, "Hi\n\nUse</s>", "Hi\n\nUse|"},
      {{}, "text", "text"},
      {{""}, "text", "text"},
      {{"é"}, "caf\xC3\xA9", "caf|"},
  };
  for (const StopCase& c : cases) {
    for (size_t size = 1; size <= c.text.size(); ++size) {
      EXPECT_EQ(shown(c.stops, c.text, size), c.expected) << c.text << " in pieces of " << size;
    }
  }
}

TEST(StopMatcher, HoldsBackNoMoreThanItMust) {
  StopMatcher matcher({"User:", "###"});
  EXPECT_EQ(matcher.push("Hello U").text, "Hello ");
  EXPECT_EQ(matcher.push("se of").text, "Use of");
  EXPECT_EQ(matcher.push("#").text, "");
  EXPECT_FALSE(matcher.stopped());
  EXPECT_EQ(matcher.finish(), "#");
}

TEST(StopMatcher, SaysNothingAfterTheStop) {
  StopMatcher matcher({"."});
  const auto first = matcher.push("One. Two");
  EXPECT_EQ(first.text, "One");
  EXPECT_TRUE(first.stopped);
  const auto second = matcher.push("Three");
  EXPECT_EQ(second.text, "");
  EXPECT_TRUE(second.stopped);
  EXPECT_EQ(matcher.finish(), "");
}

}  // namespace
}  // namespace chord::text
