// Generations with guesses by prompt lookup: the same tokens in fewer steps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "session/session_fixture.h"

namespace chord::session {
namespace {

class SpeculationTest : public SessionFixture {
 protected:
  SpeculationTest() {
    settings_.context_length = 128;
    settings_.batch_length = 20;
    settings_.max_outputs = 16;
    random_.max_tokens = 40;
  }

  // The model repeats the prompt's words for some time, and then says something else.
  void say_again() {
    Tokens text;
    for (int i = 0; i < 3; ++i) text.insert(text.end(), {kA, kB, kC, kD, kE, kA, kB, kC, kD});
    text.insert(text.end(), {kF, kF, kTool, kA, kB, kF, kA, kB, kC});
    say(prompt_.size(), text);
  }

  struct Run {
    Outcome outcome;
    Info info;
    size_t steps;
  };
  Run run_with(uint32_t draft_tokens, double budget_ms = kUnlimited) {
    model_.steps.clear();
    Session session = make();
    GenerationOptions options = random_;
    options.draft_tokens = draft_tokens;
    Outcome outcome = run(session, prompt_, options, budget_ms);
    return {std::move(outcome), session.info(), model_.steps.size()};
  }
};

TEST_F(SpeculationTest, ChangesNoTokenAndSavesSteps) {
  say_again();
  const sampling::Options samplings[] = {
      {},
      {.seed = 1, .temperature = 1},
      {.seed = 2, .temperature = 30, .top_k = 5},
      {.seed = 3, .temperature = 20, .top_p = 0.9F},
      {.temperature = 0, .repetition_penalty = 1.5F, .frequency_penalty = 8, .penalty_window = 5},
      {.seed = 4, .temperature = 15, .presence_penalty = 9, .penalty_window = 12},
  };
  for (const sampling::Options& sampling : samplings) {
    random_.sampling = sampling;
    const Run plain = run_with(0);
    EXPECT_EQ(plain.info.drafted_tokens, 0u);
    for (const uint32_t draft_tokens : {1U, 3U, 15U}) {
      const Run drafted = run_with(draft_tokens);
      EXPECT_EQ(drafted.outcome.tokens, plain.outcome.tokens) << draft_tokens;
      EXPECT_EQ(drafted.outcome.pieces, plain.outcome.pieces);
      EXPECT_EQ(drafted.info.finish, plain.info.finish);
      EXPECT_EQ(drafted.info.context_used, plain.info.context_used);
      EXPECT_EQ(drafted.steps + drafted.info.accepted_tokens, plain.steps) << "each right guess saves a step";
      EXPECT_LE(drafted.info.accepted_tokens, drafted.info.drafted_tokens);
    }
  }
  random_.sampling = {};
  EXPECT_GT(run_with(15).info.accepted_tokens, 15u);
}

TEST_F(SpeculationTest, DoesNotDependOnTheBudget) {
  say_again();
  model_.ops_per_step = 5;
  const Tokens expected = run_with(0).outcome.tokens;
  for (const double budget : {0.0, 2.0, 7.0}) EXPECT_EQ(run_with(8, budget).outcome.tokens, expected);
}

TEST_F(SpeculationTest, ShowsAFilterEachRow) {
  say_again();
  // What is forbidden depends on what was said, as it does with a grammar.
  const auto run_filtered = [&](uint32_t draft_tokens) {
    model_.steps.clear();
    Session session = make();
    GenerationOptions options = random_;
    options.filter_logits = true;
    options.draft_tokens = draft_tokens;
    EXPECT_TRUE(session.generate(prompt_, options));
    Tokens tokens;
    std::vector<float> rows;
    Event event = Event::working;
    while (event != Event::done) {
      const Event before = std::exchange(event, session.step(kUnlimited).value());
      if (event == Event::filter) {
        rows.insert(rows.end(), session.filter().begin(), session.filter().end());
        if (tokens.size() % 7 == 5) session.filter()[static_cast<size_t>(tokens.back())] = -INFINITY;
        if (tokens.size() % 11 == 3) session.filter()[kB] = -INFINITY;
      }
      if (event != Event::token) continue;
      EXPECT_EQ(before, Event::filter) << "one before each token";
      EXPECT_TRUE(session.candidates());
      tokens.push_back(session.piece().token);
    }
    return Run{{.tokens = tokens, .pieces = {}}, session.info(), model_.steps.size()};
  };
  for (const float temperature : {0.0F, 12.0F}) {
    random_.sampling = {.seed = 5, .temperature = temperature, .frequency_penalty = 1};
    const Run plain = run_filtered(0);
    for (const uint32_t draft_tokens : {1U, 15U}) {
      const Run drafted = run_filtered(draft_tokens);
      EXPECT_EQ(drafted.outcome.tokens, plain.outcome.tokens);
      EXPECT_EQ(drafted.info.context_used, plain.info.context_used);
      EXPECT_EQ(drafted.steps + drafted.info.accepted_tokens, plain.steps);
      EXPECT_GT(drafted.info.accepted_tokens, 0u);
    }
  }
}

TEST_F(SpeculationTest, EndsWhereTheTextWouldHaveEnded) {
  Tokens text;
  for (int i = 0; i < 4; ++i) text.insert(text.end(), {kA, kB, kC, kD});
  text.push_back(kEos);
  say(prompt_.size(), text);
  random_.ignore_eos = false;
  for (const uint32_t max_tokens : {5U, 9U, 14U, 40U}) {
    random_.max_tokens = max_tokens;
    const Run plain = run_with(0);
    const Run drafted = run_with(6);
    EXPECT_EQ(drafted.outcome.tokens, plain.outcome.tokens);
    EXPECT_EQ(drafted.info.finish, plain.info.finish);
    EXPECT_EQ(drafted.info.context_used, plain.info.context_used);
  }
  random_.stops = {"dab"};
  EXPECT_EQ(run_with(6).outcome.text(), run_with(0).outcome.text());
  random_.stops.clear();

  settings_.context_length = 20;
  random_.max_tokens = 0;
  EXPECT_EQ(run_with(6).outcome.tokens, run_with(0).outcome.tokens);
  EXPECT_EQ(run_with(6).info.finish, Finish::context);
}

TEST_F(SpeculationTest, LeavesACacheThatCanBeGoneOnWith) {
  say_again();
  Session session = make();
  GenerationOptions options = random_;
  options.draft_tokens = 8;
  ASSERT_TRUE(session.generate(prompt_, options));
  Tokens all = prompt_;
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(session.step(kUnlimited), Event::token);
    EXPECT_EQ(session.info().context_used, all.size());
    EXPECT_EQ(session.candidates()->largest.at(0).token, session.piece().token);
    all.push_back(session.piece().token);
  }
  session.cancel();
  ASSERT_EQ(session.step(kUnlimited), Event::done);
  EXPECT_EQ(session.info().context_used, all.size() - 1);
  all.push_back(kF);
  model_.script.clear();
  EXPECT_EQ(run(session, all, random_).tokens, greedy(all, 40));
  EXPECT_EQ(session.info().reused_tokens, 15u);
}

TEST_F(SpeculationTest, WorksWithAContextThatShifts) {
  settings_.context_length = 24;
  const auto run_shifting = [&](uint32_t draft_tokens) {
    Session session = make(Overflow::shift, 2);
    GenerationOptions options = random_;
    options.draft_tokens = draft_tokens;
    for (int32_t token = kC; token < static_cast<int32_t>(kVocabSize); ++token) {
      options.sampling.biases.push_back({token, -INFINITY});
    }
    options.max_tokens = 100;
    return std::pair(run(session, prompt_, options).tokens, session.info().accepted_tokens);
  };
  const auto [tokens, accepted] = run_shifting(6);
  EXPECT_EQ(tokens, run_shifting(0).first);
  EXPECT_EQ(tokens.size(), 100u);
  EXPECT_GT(accepted, 0u);
}

TEST_F(SpeculationTest, GuessesNothingWhereRowsCannotBeCompared) {
  say_again();
  model_.is_exact = false;
  EXPECT_EQ(run_with(8).info.drafted_tokens, 0u);
  model_.is_exact = true;
  random_.draft_tokens = 16;
  Session session = make();
  EXPECT_EQ(session.generate(prompt_, random_).error().code(), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace chord::session
