#include "session/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "session/session_fixture.h"

namespace chord::session {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SessionTest : public SessionFixture {};

TEST_F(SessionTest, GeneratesWhatTheModelSays) {
  Session session = make();
  EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12));
  const Info info = session.info();
  EXPECT_EQ(info.finish, Finish::length);
  EXPECT_EQ(info.prompt_tokens, 10u);
  EXPECT_EQ(info.reused_tokens, 0u);
  EXPECT_EQ(info.generated_tokens, 12u);
  EXPECT_EQ(info.context_length, 64u);
  EXPECT_EQ(info.context_used, 21u) << "the last token is not evaluated";
  EXPECT_EQ(info.kv_bytes, 1000u);
  EXPECT_EQ(info.scratch_bytes, 2000u);
}

TEST_F(SessionTest, CutsPromptsIntoChunksAndAsksForTheLastRowOnly) {
  Session session = make();
  random_.max_tokens = 2;
  run(session, prompt_, random_);
  ASSERT_EQ(model_.steps.size(), 4u);
  const uint32_t first[] = {0, 4, 8, 10};
  const size_t length[] = {4, 4, 2, 1};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(model_.steps[i].first_position, first[i]);
    EXPECT_EQ(model_.steps[i].tokens.size(), length[i]);
  }
  EXPECT_THAT(model_.steps[1].output_rows, IsEmpty());
  EXPECT_THAT(model_.steps[2].output_rows, ElementsAre(1));
  EXPECT_THAT(model_.steps[3].output_rows, ElementsAre(0));
}

TEST_F(SessionTest, TheBatchLengthDoesNotMatter) {
  for (const uint32_t batch : {1U, 3U, 9U, 10U, 100U}) {
    settings_.batch_length = batch;
    Session session = make();
    EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12)) << "batch of " << batch;
  }
}

TEST_F(SessionTest, TheBudgetDoesNotMatter) {
  model_.ops_per_step = 7;
  for (const double budget : {0.0, 1.0, 3.0, 20.0}) {
    Session session = make();
    const Outcome outcome = run(session, prompt_, random_, budget);
    EXPECT_EQ(outcome.tokens, greedy(prompt_, 12)) << "budget of " << budget;
    if (budget < 7) EXPECT_GT(outcome.working, 12) << "budget of " << budget;
  }
}

TEST_F(SessionTest, StopsBetweenChunksWhenTheBudgetIsUsedUp) {
  model_.ops_per_step = 7;
  Session session = make();
  ASSERT_TRUE(session.generate(prompt_, random_));
  EXPECT_EQ(session.step(7), Event::working);
  EXPECT_EQ(model_.steps.size(), 1u);
  EXPECT_EQ(session.info().context_used, 4u);
}

TEST_F(SessionTest, ReturnsATokenBeforeItComputesTheNext) {
  Session session = make();
  ASSERT_TRUE(session.generate(prompt_, random_));
  EXPECT_EQ(session.step(kUnlimited), Event::token);
  EXPECT_EQ(model_.steps.size(), 3u);
  EXPECT_EQ(session.step(kUnlimited), Event::token);
  EXPECT_EQ(model_.steps.size(), 4u);
}

TEST_F(SessionTest, LetsTheHostRunWhenTheExecutorWaits) {
  model_.wait_at = 2;
  Session session = make();
  const Outcome outcome = run(session, prompt_, random_);
  EXPECT_EQ(outcome.waiting, 1);
  EXPECT_EQ(outcome.tokens, greedy(prompt_, 12));
}

TEST_F(SessionTest, MeasuresTheTimeInsideSteps) {
  model_.ops_per_step = 5;
  Session session = make();
  random_.max_tokens = 3;
  ASSERT_TRUE(session.generate(prompt_, random_));
  for (Event event = Event::working; event != Event::done; event = session.step(2).value()) fake_time += 1000;
  EXPECT_EQ(session.info().prefill_ms, 15) << "three chunks of five ops";
  EXPECT_EQ(session.info().decode_ms, 10) << "two tokens of five ops";
}

TEST_F(SessionTest, ReusesTheCommonBeginning) {
  Session session = make();
  const Tokens answer = run(session, prompt_, random_).tokens;

  Tokens second = prompt_;
  second.insert(second.end(), answer.begin(), answer.begin() + 5);
  second.push_back(kF);
  if (answer[5] == kF) second.back() = kE;
  EXPECT_EQ(run(session, second, random_).tokens, greedy(second, 12));
  EXPECT_EQ(session.info().reused_tokens, 15u);

  EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12))
      << "the cache is longer than the prompt";
  EXPECT_EQ(session.info().reused_tokens, 9u) << "the last token is evaluated for its logits";

  const Tokens other = {kA, kB, kC};
  EXPECT_EQ(run(session, other, random_).tokens, greedy(other, 12));
  EXPECT_EQ(session.info().reused_tokens, 0u);
}

// As over rings: what lies too far back was overwritten. FakeExecutor expects no step there.
TEST_F(SessionTest, EvaluatesAnewWhatTheStoresHaveLost) {
  model_.reach = 4;
  Session session = make();
  const Outcome first = run(session, prompt_, random_);
  EXPECT_EQ(first.tokens, greedy(prompt_, 12));

  Tokens next = prompt_;
  next.insert(next.end(), first.tokens.begin(), first.tokens.end() - 3);
  next.push_back(kA);
  EXPECT_EQ(run(session, next, random_).tokens, greedy(next, 12));
  EXPECT_EQ(session.info().reused_tokens, 19u) << "a reach of 4 behind the 21 that were stored";

  EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12));
  EXPECT_EQ(session.info().reused_tokens, 0u);
  EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12));
  EXPECT_EQ(session.info().reused_tokens, 0u);
}

TEST_F(SessionTest, ShiftsOverWhatTheStoresHaveLost) {
  model_.reach = 4;
  settings_.context_length = 16;
  Session session = make(Overflow::shift, 3);
  const Outcome outcome = run(session, prompt_, {.max_tokens = 20, .ignore_eos = true});
  EXPECT_EQ(outcome.tokens.size(), 20u);
  const auto from_start = std::ranges::count(model_.steps, 0u, &FakeModel::SeenStep::first_position);
  EXPECT_GE(from_start, 2) << "a shift cuts back further than the reach";
}

TEST_F(SessionTest, ClearForgetsTheCache) {
  Session session = make();
  run(session, prompt_, random_);
  ASSERT_TRUE(session.clear());
  EXPECT_EQ(session.info().context_used, 0u);
  run(session, prompt_, random_);
  EXPECT_EQ(session.info().reused_tokens, 0u);
}

TEST_F(SessionTest, RefusesWrongPrompts) {
  Session session = make();
  run(session, prompt_, random_);
  const uint32_t used = session.info().context_used;
  EXPECT_EQ(session.generate({}, random_).error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(session.generate({}, random_).error().message(), HasSubstr("BOS"));
  EXPECT_THAT(session.generate(Tokens{kA, -1}, random_).error().message(), HasSubstr("token -1"));
  EXPECT_THAT(session.generate(Tokens{kVocabSize}, random_).error().message(), HasSubstr("token 24"));
  EXPECT_EQ(session.generate(prompt_, {.stop_tokens = {99}}).error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(session.generate(prompt_, {.sampling = {.temperature = -1}}).error().code(),
            ErrorCode::invalid_argument);
  EXPECT_EQ(session.info().context_used, used);
  EXPECT_EQ(session.step(1), Event::done) << "nothing was started";
}

TEST_F(SessionTest, RefusesPromptsBeyondTheContext) {
  const Tokens full(64, kA);
  const Tokens longer(65, kA);
  for (const Overflow overflow : {Overflow::stop, Overflow::refuse, Overflow::shift}) {
    Session session = make(overflow);
    const auto refused = session.generate(longer, random_);
    EXPECT_EQ(refused.error().code(), ErrorCode::context_overflow);
    EXPECT_THAT(refused.error().message(), testing::AllOf(HasSubstr("65"), HasSubstr("64")));
    EXPECT_EQ(session.evaluate(longer).error().code(), ErrorCode::context_overflow);
  }
  Session session = make(Overflow::refuse);
  const auto refused = session.generate(full, {.max_tokens = 7});
  EXPECT_EQ(refused.error().code(), ErrorCode::context_overflow);
  EXPECT_THAT(refused.error().message(),
              testing::AllOf(HasSubstr("64 tokens"), HasSubstr("max_tokens is 7")));
  EXPECT_TRUE(session.generate(Tokens(57, kA), {.max_tokens = 7}));
}

TEST_F(SessionTest, RefusesWrongSettings) {
  settings_.keep = 64;
  settings_.overflow = Overflow::shift;
  const auto create = [&] {
    return Session::create(std::make_unique<FakeExecutor>(model_), &tokenizer_, settings_, fake_clock);
  };
  EXPECT_EQ(create().error().code(), ErrorCode::invalid_argument);
  settings_.keep = 63;
  EXPECT_TRUE(create());
  settings_.batch_length = 0;
  EXPECT_EQ(create().error().code(), ErrorCode::invalid_argument);
}

TEST_F(SessionTest, EvaluatesWithoutATokenizer) {
  make();
  Session session =
      Session::create(std::make_unique<FakeExecutor>(model_), nullptr, settings_, fake_clock).value();
  EXPECT_EQ(session.generate(prompt_, random_).error().code(), ErrorCode::invalid_model);
  ASSERT_TRUE(session.evaluate(prompt_));
  EXPECT_EQ(session.step(kUnlimited), Event::logits);
}

TEST_F(SessionTest, IsBusyWhileWorkRuns) {
  Session session = make();
  EXPECT_EQ(session.step(1).error().code(), ErrorCode::invalid_argument) << "nothing was started";
  ASSERT_TRUE(session.generate(prompt_, random_));
  EXPECT_EQ(session.generate(prompt_, random_).error().code(), ErrorCode::busy);
  EXPECT_EQ(session.evaluate(prompt_).error().code(), ErrorCode::busy);
  EXPECT_EQ(session.clear().error().code(), ErrorCode::busy);
  EXPECT_EQ(finish(session).tokens, greedy(prompt_, 12));
}

TEST_F(SessionTest, StopsAtTheEndOfTheContext) {
  for (const uint32_t max_tokens : {0U, 1000U}) {
    settings_.context_length = 16;
    Session session = make();
    random_.max_tokens = max_tokens;
    // The last token needs no place, since it is not evaluated.
    EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 7));
    EXPECT_EQ(session.info().finish, Finish::context);
    EXPECT_EQ(session.info().context_used, 16u);
  }
}

TEST_F(SessionTest, ShiftsTheContext) {
  settings_.context_length = 12;
  Session session = make(Overflow::shift, 2);
  random_.max_tokens = 9;
  const Tokens answer = run(session, prompt_, random_).tokens;

  Tokens first = greedy(prompt_, 3);  // positions 10 and 11, and one that needs a shift
  ASSERT_THAT(Tokens(answer.begin(), answer.begin() + 3), first);
  Tokens text = prompt_;
  text.insert(text.end(), first.begin(), first.end());
  text.erase(text.begin() + 2, text.begin() + 7);
  Tokens rest = greedy(text, 5);  // 8 tokens are left: 5 more until the context is full again
  EXPECT_THAT(Tokens(answer.begin() + 3, answer.begin() + 8), rest);
  text.insert(text.end(), rest.begin(), rest.end());
  text.erase(text.begin() + 2, text.begin() + 7);
  EXPECT_EQ(answer[8], greedy(text, 1)[0]);
  EXPECT_EQ(session.info().finish, Finish::length);
}

TEST_F(SessionTest, CancelsInPrefill) {
  model_.ops_per_step = 5;
  Session session = make();
  ASSERT_TRUE(session.generate(prompt_, random_));
  EXPECT_EQ(session.step(7), Event::working);  // one chunk, and two ops of the next
  session.cancel();
  EXPECT_EQ(session.step(7), Event::done);
  EXPECT_EQ(session.info().finish, Finish::cancelled);
  EXPECT_EQ(session.info().context_used, 4u);
  EXPECT_EQ(model_.abandoned, 1);
  EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12));
  EXPECT_EQ(session.info().reused_tokens, 4u);
}

TEST_F(SessionTest, CancelsBetweenTokens) {
  Session session = make();
  ASSERT_TRUE(session.generate(prompt_, random_));
  for (int i = 0; i < 3; ++i) ASSERT_EQ(session.step(kUnlimited), Event::token);
  session.cancel();
  EXPECT_EQ(session.step(kUnlimited), Event::done);
  EXPECT_EQ(session.step(kUnlimited), Event::done) << "a late step finds the same end";
  EXPECT_EQ(session.info().finish, Finish::cancelled);
  EXPECT_EQ(session.info().generated_tokens, 3u);
  EXPECT_EQ(session.info().context_used, 12u);
  session.cancel();  // nothing runs, so it means nothing to the next generation
  EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12));
}

TEST_F(SessionTest, SurvivesErrors) {
  model_.ops_per_step = 3;
  for (const size_t step : {0U, 1U, 5U}) {
    model_.steps.clear();
    model_.abandoned = 0;
    model_.fail_begin_at = step;
    Session session = make();
    ASSERT_TRUE(session.generate(prompt_, random_));
    auto event = session.step(kUnlimited);
    while (event && *event == Event::token) event = session.step(kUnlimited);
    EXPECT_EQ(event.error().code(), ErrorCode::out_of_memory);
    EXPECT_EQ(session.info().finish, Finish::error);
    EXPECT_EQ(session.step(kUnlimited), Event::done);
    EXPECT_EQ(model_.abandoned, 0) << "no step had begun";
    EXPECT_EQ(session.info().context_used, (std::vector<uint32_t>{0, 4, 8, 10, 11, 12})[step]);

    model_.fail_begin_at.reset();
    model_.fail_advance_at = model_.steps.size() + 1;
    ASSERT_TRUE(session.generate(prompt_, random_));
    event = session.step(kUnlimited);
    while (event && *event == Event::token) event = session.step(kUnlimited);
    EXPECT_EQ(event.error().code(), ErrorCode::worker_lost);
    EXPECT_EQ(model_.abandoned, 1);

    model_.fail_advance_at.reset();
    EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12));
  }
}

TEST_F(SessionTest, LogitsThatAreNoNumbersAreAnError) {
  model_.even_after[9] = std::nanf("");
  Session session = make();
  ASSERT_TRUE(session.generate(prompt_, random_));
  EXPECT_EQ(session.step(kUnlimited).error().code(), ErrorCode::invalid_model);
  model_.even_after.clear();
  EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12));
}

TEST_F(SessionTest, HasTheLikeliestTokensBesideTheChosenOne) {
  Session session = make();
  GenerationOptions options;
  options.candidates = 3;
  ASSERT_TRUE(session.generate(prompt_, options));
  EXPECT_EQ(session.candidates().error().code(), ErrorCode::invalid_argument) << "before the first token";
  Tokens all = prompt_;
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(session.step(kUnlimited), Event::token);
    std::vector<float> logits = model_.logits(all);
    const auto list = session.candidates();
    ASSERT_TRUE(list);
    ASSERT_EQ(list->largest.size(), 3u);
    EXPECT_EQ(list->largest[0].token, session.piece().token);
    EXPECT_FLOAT_EQ(static_cast<float>(list->largest[0].logit - list->log_sum_exp), session.piece().logprob);
    std::ranges::sort(logits, std::greater());
    for (size_t rank = 0; rank < 3; ++rank) EXPECT_EQ(list->largest[rank].logit, logits[rank]);
    all.push_back(session.piece().token);
  }
  session.cancel();
  ASSERT_EQ(session.step(kUnlimited), Event::done);
  EXPECT_FALSE(session.candidates());
  options.candidates = plan::kMaxCandidates + 1;
  EXPECT_EQ(session.generate(prompt_, options).error().code(), ErrorCode::invalid_argument);
}

TEST_F(SessionTest, EvaluatesEveryPosition) {
  Session session = make();
  run(session, prompt_, random_);
  ASSERT_TRUE(session.evaluate(prompt_));
  std::vector<float> logits(kVocabSize);
  uint64_t position = 0;
  std::vector<uint64_t> counts;
  while (session.step(kUnlimited) == Event::logits) {
    const Rows rows = session.rows();
    EXPECT_EQ(rows.first, position);
    counts.push_back(rows.count);
    for (; position < rows.first + rows.count; ++position) {
      ASSERT_TRUE(session.read_logits(position, logits));
      EXPECT_EQ(logits, model_.logits(std::span(prompt_).first(position + 1))) << "position " << position;
    }
    EXPECT_EQ(session.read_logits(position, logits).error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(session.read_logits(rows.first - 1, logits).error().code(), ErrorCode::invalid_argument);
    EXPECT_FALSE(session.read_logits(rows.first, std::span(logits).first(5)));
  }
  EXPECT_THAT(counts, ElementsAre(3, 3, 3, 1)) << "chunks of max_outputs";
  EXPECT_EQ(session.info().finish, Finish::length);
  EXPECT_EQ(session.info().reused_tokens, 0u);
  EXPECT_EQ(session.rows().count, 0u);
  EXPECT_FALSE(session.read_logits(9, logits)) << "only until the next step";

  EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12));
  EXPECT_EQ(session.info().reused_tokens, 9u) << "an evaluation fills the cache";
}

}  // namespace
}  // namespace chord::session
