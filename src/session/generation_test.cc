#include "session/generation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "session/session_fixture.h"

namespace chord::session {
namespace {

using testing::ElementsAre;

class GenerationTest : public SessionFixture {
 protected:
  // The outcome when the model says these tokens.
  Outcome say_and_run(const Tokens& tokens, const GenerationOptions& options) {
    say(prompt_.size(), tokens);
    Session session = make();
    Outcome outcome = run(session, prompt_, options);
    info_ = session.info();
    return outcome;
  }

  Info info_{};
};

TEST_F(GenerationTest, EndsAtTheEndOfGeneration) {
  const Outcome outcome = say_and_run({kA, kB, kEos}, {});
  EXPECT_EQ(outcome.text(), "ab");
  EXPECT_THAT(outcome.tokens, ElementsAre(kA, kB));
  EXPECT_EQ(info_.finish, Finish::stop);
  EXPECT_EQ(info_.generated_tokens, 2u);
  EXPECT_EQ(info_.context_used, 12u);
}

TEST_F(GenerationTest, CanIgnoreTheEndOfGeneration) {
  const Outcome outcome = say_and_run({kA, kEos, kB}, {.max_tokens = 3, .ignore_eos = true});
  EXPECT_EQ(outcome.text(), "ab");
  EXPECT_THAT(outcome.tokens, ElementsAre(kA, kEos, kB));
  EXPECT_EQ(info_.finish, Finish::length);
}

TEST_F(GenerationTest, ShowsSpecialTokensOnlyIfAsked) {
  EXPECT_EQ(say_and_run({kA, kTool, kB, kEos}, {}).text(), "ab");
  EXPECT_EQ(say_and_run({kA, kTool, kB, kEos}, {.special_text = true}).text(), "a<|tool|>b");
}

TEST_F(GenerationTest, EndsAtStopTokens) {
  const Outcome outcome = say_and_run({kA, kB, kTool}, {.special_text = true, .stop_tokens = {kTool}});
  EXPECT_EQ(outcome.text(), "ab");
  EXPECT_EQ(info_.finish, Finish::stop);
  EXPECT_EQ(info_.generated_tokens, 2u);
}

TEST_F(GenerationTest, EndsBeforeStopStringsThatSpanTokens) {
  const Outcome outcome = say_and_run({kA, kB, kC, kD, kE}, {.stops = {"bcd"}});
  EXPECT_THAT(outcome.tokens, ElementsAre(kA, kB, kC, kD));
  EXPECT_THAT(outcome.pieces, ElementsAre("a", "", "", "", ""));
  EXPECT_EQ(info_.finish, Finish::stop);
  EXPECT_EQ(info_.generated_tokens, 4u);
}

TEST_F(GenerationTest, GivesBackWhatOnlyLookedLikeAStopString) {
  EXPECT_THAT(say_and_run({kA, kB, kC, kE, kEos}, {.stops = {"bcd"}}).pieces,
              ElementsAre("a", "", "", "bce", ""));
  EXPECT_THAT(say_and_run({kA, kB, kC, kEos}, {.stops = {"bcd"}}).pieces, ElementsAre("a", "", "", "bc"));
  EXPECT_THAT(say_and_run({kA, kB, kC}, {.max_tokens = 3, .stops = {"bcd"}}).pieces,
              ElementsAre("a", "", "", "bc"));
}

TEST_F(GenerationTest, AStopStringAtTheLastTokenIsAStop) {
  say_and_run({kA, kB}, {.max_tokens = 2, .stops = {"b"}});
  EXPECT_EQ(info_.finish, Finish::stop);
}

TEST_F(GenerationTest, HoldsBackHalfACharacter) {
  EXPECT_THAT(say_and_run({kA, kByteC3, kByteA9, kEos}, {}).pieces, ElementsAre("a", "", "é", ""));
  EXPECT_THAT(say_and_run({kA, kByteC3, kEos}, {}).pieces, ElementsAre("a", "", "\uFFFD"));
}

TEST_F(GenerationTest, GivesBackTheHeldTextWhenItIsCancelledOrFails) {
  say(prompt_.size(), {kA, kB, kC});
  Session session = make();
  ASSERT_TRUE(session.generate(prompt_, {.stops = {"abcd"}}));
  ASSERT_EQ(session.step(kUnlimited), Event::token);
  ASSERT_EQ(session.step(kUnlimited), Event::token);
  session.cancel();
  ASSERT_EQ(session.step(kUnlimited), Event::done);
  EXPECT_EQ(session.piece().text, "ab");
  EXPECT_EQ(session.piece().token, -1);
  ASSERT_EQ(session.step(kUnlimited), Event::done);
  EXPECT_EQ(session.piece().text, "") << "once";

  ASSERT_TRUE(session.generate(prompt_, {.stops = {"abcd"}}));
  ASSERT_EQ(session.step(kUnlimited), Event::token);
  model_.fail_advance_at = model_.steps.size();
  ASSERT_FALSE(session.step(kUnlimited));
  EXPECT_EQ(session.piece().text, "a");
}

TEST_F(GenerationTest, ReportsLogProbabilities) {
  Session session = make();
  ASSERT_TRUE(session.generate(prompt_, random_));
  ASSERT_EQ(session.step(kUnlimited), Event::token);
  const auto logits = model_.logits(prompt_);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit);
  EXPECT_NEAR(session.piece().logprob, *std::ranges::max_element(logits) - std::log(sum), 1e-6);
}

TEST_F(GenerationTest, BiasesForbidAndForce) {
  GenerationOptions options{.max_tokens = 3};
  options.sampling.biases = {{kC, 100}};
  Session session = make();
  EXPECT_THAT(run(session, prompt_, options).tokens, ElementsAre(kC, kC, kC));
  options.sampling.biases = {{kA, -std::numeric_limits<float>::infinity()}};
  say(prompt_.size(), {kA, kA, kA});
  EXPECT_THAT(run(session, prompt_, options).tokens, testing::Not(testing::Contains(kA)));
}

TEST_F(GenerationTest, PenaltiesSeeTheLastTokensOfPromptAndText) {
  say(prompt_.size(), {kF, kF, kA});
  Session session = make();
  GenerationOptions options{.max_tokens = 3};
  options.sampling.frequency_penalty = 0.001F;
  options.sampling.penalty_window = 4;
  run(session, prompt_, options);
  std::vector<std::string> windows;
  for (const auto& step : model_.steps) {
    if (step.sampling.empty()) continue;
    std::string& window = windows.emplace_back();
    for (const auto [token, count] : step.sampling[0].penalized) {
      window += concat(tokenizer_.token_text(token), count, " ");
    }
  }
  // The prompt ends with a b c d.
  EXPECT_THAT(windows, ElementsAre("a1 b1 c1 d1 ", "b1 c1 d1 f1 ", "c1 d1 f2 "));
}

TEST_F(GenerationTest, SendsNoWindowWithoutPenalties) {
  Session session = make();
  run(session, prompt_, random_);
  EXPECT_TRUE(model_.steps.back().sampling[0].penalized.empty());
  EXPECT_EQ(model_.steps.back().sampling[0].candidate_count, 1u);
}

TEST_F(GenerationTest, SamplesFromTheWholeRowWhenCandidatesDoNotSuffice) {
  settings_.vocab_size = 400;
  GenerationOptions options = random_;
  options.sampling = {.seed = 3, .temperature = 1};
  Session session = make();
  const Tokens tokens = run(session, prompt_, options).tokens;
  EXPECT_EQ(model_.rows_read, 12);

  auto sampler = sampling::Sampler::create(options.sampling, 400).value();
  Tokens text = prompt_;
  for (const int32_t token : tokens) {
    EXPECT_EQ(token, sampler.pick_from_row(model_.logits(text), text.size())->token);
    text.push_back(token);
  }
}

TEST_F(GenerationTest, DoesAStepAgainWhoseRowDecides) {
  random_.sampling.temperature = 1;
  random_.sampling.seed = 5;
  Session plain = make();
  const Tokens expected = run(plain, prompt_, random_).tokens;
  model_.steps.clear();
  model_.draws = true;
  Session drawing = make();
  EXPECT_EQ(run(drawing, prompt_, random_).tokens, expected);
  // Three chunks of the prompt; then one step is done twice, and what follows asks for its row at once.
  ASSERT_EQ(model_.steps.size(), 3 + 1 + (expected.size() - 1));
  EXPECT_FALSE(model_.steps[2].sampling.at(0).draw);
  const auto& first = model_.steps[3];
  ASSERT_TRUE(first.sampling.at(0).draw);
  EXPECT_FALSE(first.sampling[0].whole_row);
  EXPECT_EQ(first.sampling[0].draw->position, prompt_.size() + 1);
  EXPECT_EQ(first.sampling[0].draw->tokens, expected.size() - 1);
  const auto& again = model_.steps[4];
  EXPECT_EQ(again.first_position, first.first_position);
  EXPECT_FALSE(again.sampling.at(0).draw);
  EXPECT_EQ(again.tokens, first.tokens);
  EXPECT_EQ(model_.steps[5].first_position, first.first_position + 1);
}

TEST_F(GenerationTest, ASeedGivesTheSameTextInAnySession) {
  GenerationOptions options = random_;
  options.sampling = {.seed = 11, .temperature = 1.5F, .top_k = 20, .top_p = 0.95F};
  Session whole = make();
  const Tokens tokens = run(whole, prompt_, options).tokens;

  // Going on from the first five tokens gives the others: the noise depends on the place in the text.
  Tokens begun = prompt_;
  begun.insert(begun.end(), tokens.begin(), tokens.begin() + 5);
  options.max_tokens = 7;
  Session other = make();
  EXPECT_EQ(run(other, begun, options).tokens, Tokens(tokens.begin() + 5, tokens.end()));

  options.sampling.seed = 12;
  EXPECT_NE(run(other, begun, options).tokens, Tokens(tokens.begin() + 5, tokens.end()));
}

}  // namespace
}  // namespace chord::session
