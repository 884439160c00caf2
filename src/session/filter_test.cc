// Generations whose logits the host edits before each token.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "session/session_fixture.h"

namespace chord::session {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

class FilterTest : public SessionFixture {
 protected:
  using Edit = std::function<void(std::span<float> row)>;

  Tokens run_filtered(Session& session, GenerationOptions options, const Edit& edit) {
    options.filter_logits = true;
    EXPECT_TRUE(session.generate(prompt_, options));
    Tokens tokens;
    Event last = Event::working;
    while (last != Event::done) {
      const auto event = session.step(kUnlimited);
      if (!event) {
        ADD_FAILURE() << event.error().message();
        break;
      }
      if (*event == Event::token) {
        EXPECT_EQ(last, Event::filter) << "one before each token";
        tokens.push_back(session.piece().token);
      }
      EXPECT_EQ(session.filter().empty(), *event != Event::filter);
      if (*event == Event::filter) edit(session.filter());
      last = *event;
    }
    return tokens;
  }

  static void allow_only(std::span<float> row, int32_t token) {
    std::ranges::fill(row, kForbidden);
    row[static_cast<size_t>(token)] = 0;
  }
};

TEST_F(FilterTest, ChangesNothingIfItEditsNothing) {
  const sampling::Options samplings[] = {
      {},
      {.seed = 3, .temperature = 1},
      {.seed = 5, .temperature = 0.7F, .top_k = 8, .top_p = 0.9F, .min_p = 0.01F},
      {.seed = 7, .temperature = 2, .repetition_penalty = 1.3F, .frequency_penalty = 0.5F},
  };
  for (const sampling::Options& sampling : samplings) {
    random_.sampling = sampling;
    Session session = make();
    const Tokens usual = run(session, prompt_, random_).tokens;
    Session other = make();
    EXPECT_EQ(run_filtered(other, random_, [](std::span<float>) {}), usual);
  }
}

TEST_F(FilterTest, HasTheLogitsAfterPenaltiesAndBiases) {
  random_.sampling.presence_penalty = 1;
  random_.sampling.biases = {{kTool, 2.5F}};
  random_.max_tokens = 1;
  Session session = make();
  std::vector<float> expected = model_.logits(prompt_);
  for (const int32_t token : {kBos, kA, kB, kC, kD, kE}) expected[static_cast<size_t>(token)] -= 1;
  expected[kTool] += 2.5F;
  run_filtered(session, random_, [&](std::span<float> row) {
    EXPECT_EQ(std::vector<float>(row.begin(), row.end()), expected);
    EXPECT_EQ(session.info().generated_tokens, 0u);
  });
  EXPECT_TRUE(model_.steps.back().sampling.at(0).whole_row);
}

TEST_F(FilterTest, ForcesATextAndItsEnd) {
  const Tokens text = {kA, kF, kB, kEos};
  for (const float temperature : {0.0F, 1.0F}) {
    GenerationOptions options;
    options.sampling.temperature = temperature;
    Session session = make();
    size_t at = 0;
    EXPECT_THAT(run_filtered(session, options, [&](std::span<float> row) { allow_only(row, text.at(at++)); }),
                ElementsAre(kA, kF, kB));
    EXPECT_EQ(session.info().finish, Finish::stop);
    EXPECT_EQ(session.info().context_used, 13u);
  }
}

TEST_F(FilterTest, ProbabilitiesAreThoseOfTheEditedRow) {
  random_.candidates = 3;
  random_.max_tokens = 2;
  random_.filter_logits = true;
  Session session = make();
  ASSERT_TRUE(session.generate(prompt_, random_));
  ASSERT_EQ(session.step(kUnlimited), Event::filter);
  EXPECT_FALSE(session.candidates());
  std::ranges::fill(session.filter(), kForbidden);
  session.filter()[kC] = 1;
  session.filter()[kD] = 1 + std::log(3.0F);
  ASSERT_EQ(session.step(kUnlimited), Event::token);
  EXPECT_EQ(session.piece().token, kD);
  EXPECT_NEAR(session.piece().logprob, std::log(0.75), 1e-6);
  const plan::CandidateList list = session.candidates().value();
  ASSERT_THAT(list.largest, SizeIs(2)) << "the others are forbidden";
  EXPECT_EQ(list.largest[1].token, kC);
  EXPECT_NEAR(list.largest[1].logit - list.log_sum_exp, std::log(0.25), 1e-6);

  ASSERT_EQ(session.step(kUnlimited), Event::filter);
  session.filter()[kF] = std::numeric_limits<float>::infinity();
  ASSERT_EQ(session.step(kUnlimited), Event::token);
  EXPECT_EQ(session.piece().token, kF);
  EXPECT_EQ(session.candidates()->largest.at(0).token, kF);
  EXPECT_EQ(session.candidates()->log_sum_exp, 0);
}

TEST_F(FilterTest, RefusesRowsThatLeaveNothingToChoose) {
  Session session = make();
  random_.filter_logits = true;
  ASSERT_TRUE(session.generate(prompt_, random_));
  ASSERT_EQ(session.step(kUnlimited), Event::filter);
  std::ranges::fill(session.filter(), kForbidden);
  const auto forbidden = session.step(kUnlimited);
  EXPECT_EQ(forbidden.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(forbidden.error().message(), HasSubstr("filters"));
  EXPECT_EQ(session.info().finish, Finish::error);

  ASSERT_TRUE(session.generate(prompt_, random_));
  ASSERT_EQ(session.step(kUnlimited), Event::filter);
  session.filter()[3] = std::nanf("");
  EXPECT_THAT(session.step(kUnlimited).error().message(), HasSubstr("filters"));
  EXPECT_TRUE(session.filter().empty());

  random_.filter_logits = false;
  EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12));
}

TEST_F(FilterTest, CanBeCancelledBeforeTheRowIsSampledFrom) {
  Session session = make();
  random_.filter_logits = true;
  ASSERT_TRUE(session.generate(prompt_, random_));
  ASSERT_EQ(session.step(kUnlimited), Event::filter);
  session.cancel();
  EXPECT_EQ(session.step(kUnlimited), Event::done);
  EXPECT_TRUE(session.filter().empty());
  EXPECT_EQ(session.info().finish, Finish::cancelled);
  EXPECT_EQ(session.info().context_used, 10u) << "the prompt is evaluated";
  EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12));
}

}  // namespace
}  // namespace chord::session
