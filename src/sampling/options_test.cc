#include "sampling/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace chord::sampling {
namespace {

// The message, or "" if the options are accepted.
std::string refusal(const Options& options) {
  const auto result = validate(options, 100);
  if (result) return "";
  EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument);
  return result.error().message();
}

TEST(Options, DefaultsAndLimitsAreAccepted) {
  EXPECT_EQ(refusal({}), "");
  EXPECT_EQ(refusal({.temperature = 2, .top_k = 1000, .top_p = 0, .min_p = 1}), "");
  EXPECT_EQ(refusal({.repetition_penalty = 0.5F, .frequency_penalty = -2, .presence_penalty = 2}), "");
  EXPECT_EQ(refusal({.biases = {{0, -INFINITY}, {99, 5}}}), "");
}

TEST(Options, RefusesWhatIsOutsideTheRanges) {
  for (const float bad : {-0.5F, INFINITY, NAN}) {
    EXPECT_THAT(refusal({.temperature = bad}), testing::HasSubstr("temperature"));
    EXPECT_THAT(refusal({.top_p = bad}), testing::HasSubstr("top_p"));
    EXPECT_THAT(refusal({.min_p = bad}), testing::HasSubstr("min_p"));
    EXPECT_THAT(refusal({.repetition_penalty = bad}), testing::HasSubstr("repetition_penalty"));
  }
  EXPECT_THAT(refusal({.top_p = 1.5F}), testing::HasSubstr("top_p is 1.5"));
  EXPECT_THAT(refusal({.min_p = 1.5F}), testing::HasSubstr("min_p is 1.5"));
  EXPECT_THAT(refusal({.repetition_penalty = 0}), testing::HasSubstr("repetition_penalty is 0"));
  for (const float bad : {INFINITY, -INFINITY, NAN}) {
    EXPECT_THAT(refusal({.frequency_penalty = bad}), testing::HasSubstr("frequency_penalty"));
    EXPECT_THAT(refusal({.presence_penalty = bad}), testing::HasSubstr("presence_penalty"));
  }
}

TEST(Options, RefusesWrongBiases) {
  EXPECT_THAT(refusal({.biases = {{100, 1}}}), testing::HasSubstr("token 100"));
  EXPECT_THAT(refusal({.biases = {{-1, 1}}}), testing::HasSubstr("token -1"));
  EXPECT_THAT(refusal({.biases = {{1, INFINITY}}}), testing::HasSubstr("token 1 is inf"));
  EXPECT_THAT(refusal({.biases = {{1, NAN}}}), testing::HasSubstr("token 1 is nan"));
  EXPECT_THAT(refusal({.biases = {{7, 1}, {8, 1}, {7, 2}}}), testing::HasSubstr("token 7 has two"));
}

}  // namespace
}  // namespace chord::sampling
