#include <cmath>

#include "session/session_fixture.h"

namespace chord::session {
namespace {

using model::Pooling;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class EmbeddingTest : public SessionFixture {
 protected:
  EmbeddingTest() {
    settings_.embedding_length = 2;
    settings_.pooling = Pooling::mean;
  }

  static Result<void> begin(Session& session, const std::vector<Tokens>& texts,
                            const EmbeddingOptions& options = {}) {
    Tokens tokens;
    std::vector<uint32_t> lengths;
    for (const Tokens& text : texts) {
      tokens.insert(tokens.end(), text.begin(), text.end());
      lengths.push_back(static_cast<uint32_t>(text.size()));
    }
    return session.embed(tokens, lengths, options);
  }

  static std::vector<std::vector<float>> embed_all(Session& session, const std::vector<Tokens>& texts,
                                                   const EmbeddingOptions& options = {}) {
    const auto begun = begin(session, texts, options);
    EXPECT_TRUE(begun) << begun.error().message();
    if (!begun) return {};
    finish(session);
    std::vector<std::vector<float>> embeddings;
    for (size_t i = 0; i < texts.size(); ++i) {
      const auto embedding = session.embedding(i);
      EXPECT_TRUE(embedding) << embedding.error().message();
      if (embedding) embeddings.emplace_back(embedding->begin(), embedding->end());
    }
    EXPECT_FALSE(session.embedding(texts.size()));
    return embeddings;
  }

  static std::vector<float> embed(Session& session, const Tokens& tokens,
                                  const EmbeddingOptions& options = {}) {
    const auto embeddings = embed_all(session, {tokens}, options);
    return embeddings.empty() ? std::vector<float>() : embeddings[0];
  }

  // The fake's embedding of a token: its position, and its id.
  static auto unit(float x, float y) {
    const float length = std::hypot(x, y);
    return ElementsAre(testing::FloatEq(x / length), testing::FloatEq(y / length));
  }
};

TEST_F(EmbeddingTest, PoolsAsTheFileSaysOrTheOptions) {
  Session session = make();
  const Tokens tokens = {2, 4, 6, 3, 5, 7, 8};
  EXPECT_THAT(embed(session, tokens), unit(3, 5));
  EXPECT_THAT(embed(session, tokens, {.pooling = Pooling::cls}), unit(0, 2));
  EXPECT_THAT(embed(session, tokens, {.pooling = Pooling::last}), unit(6, 8));
  EXPECT_THAT(embed(session, tokens, {.pooling = Pooling::last, .raw = true}), ElementsAre(6, 8));
  EXPECT_THAT(embed(session, tokens, {.raw = true}), ElementsAre(3, 5));
  for (const auto& step : model_.steps) EXPECT_TRUE(step.embeddings_only);
}

TEST_F(EmbeddingTest, AsksForTheRowsThatItNeeds) {
  Session session = make();
  const auto rows_of_steps = [&](Pooling pooling) {
    model_.steps.clear();
    embed(session, {2, 3, 4, 5, 6, 7}, {.pooling = pooling});
    std::vector<size_t> rows;
    rows.reserve(model_.steps.size());
    for (const auto& step : model_.steps) rows.push_back(step.output_rows.size());
    return rows;
  };
  EXPECT_THAT(rows_of_steps(Pooling::mean), ElementsAre(3, 3));  // as many as there is room for
  EXPECT_THAT(rows_of_steps(Pooling::cls), ElementsAre(1, 0));
  ASSERT_TRUE(session.clear());
  EXPECT_THAT(rows_of_steps(Pooling::last), ElementsAre(0, 1));
}

TEST_F(EmbeddingTest, TakesUpACachedBeginningForTheLastTokenAlone) {
  Session session = make();
  embed(session, {2, 3, 4, 5}, {.pooling = Pooling::last});
  EXPECT_THAT(embed(session, {2, 3, 4, 8}, {.pooling = Pooling::last, .raw = true}), ElementsAre(3, 8));
  EXPECT_EQ(session.info().reused_tokens, 3);
  EXPECT_THAT(embed(session, {2, 3, 4, 7}, {.pooling = Pooling::mean, .raw = true}), ElementsAre(1.5F, 4));
  EXPECT_EQ(session.info().reused_tokens, 0);
  // What an embedding leaves, a generation goes on with.
  run(session, {2, 3, 4, 7, 9}, random_);
  EXPECT_EQ(session.info().reused_tokens, 4);
}

TEST_F(EmbeddingTest, OfAnEncoderIsOneStep) {
  settings_.batch_length = settings_.max_outputs = settings_.context_length;
  settings_.is_encoder = true;
  settings_.pooling = Pooling::last;
  Session session = make();
  const Tokens tokens(40, 6);
  EXPECT_THAT(embed(session, tokens, {.raw = true}), ElementsAre(39, 6));
  EXPECT_THAT(embed(session, tokens, {.raw = true}), ElementsAre(39, 6));
  ASSERT_EQ(model_.steps.size(), 2);
  EXPECT_EQ(model_.steps[1].tokens.size(), 40);
  EXPECT_EQ(session.info().reused_tokens, 0);

  for (const auto& refused : {session.generate(tokens, {}), session.evaluate(tokens)}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::invalid_model);
    EXPECT_THAT(refused.error().message(), HasSubstr("encoder"));
  }
  const auto overflow = begin(session, {tokens, Tokens(65, 6)});
  ASSERT_FALSE(overflow);
  EXPECT_EQ(overflow.error().code(), ErrorCode::context_overflow);
  EXPECT_THAT(overflow.error().message(), HasSubstr("text 1: "));
}

TEST_F(EmbeddingTest, NeedsAPooling) {
  settings_.pooling = Pooling::none;
  Session session = make();
  const auto refused = begin(session, {prompt_});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::invalid_argument);
  EXPECT_FALSE(embed(session, prompt_, {.pooling = Pooling::cls}).empty());
}

TEST_F(EmbeddingTest, IsThereWhenItsWorkHasEnded) {
  Session session = make();
  EXPECT_FALSE(session.embedding(0));
  ASSERT_TRUE(begin(session, {prompt_}));
  EXPECT_FALSE(session.embedding(0));
  ASSERT_EQ(session.step(0).value(), Event::working);
  session.cancel();
  ASSERT_EQ(session.step(0).value(), Event::done);
  EXPECT_EQ(session.info().finish, Finish::cancelled);
  EXPECT_FALSE(session.embedding(0));
  embed(session, prompt_);
  EXPECT_EQ(session.info().finish, Finish::length);
  run(session, prompt_, random_);
  EXPECT_FALSE(session.embedding(0));
}

TEST_F(EmbeddingTest, OfSeveralTextsAreThoseOfEach) {
  const std::vector<Tokens> texts = {{2, 4}, {6}, {3, 5, 7, 8, 9, 10, 11}, {8, 2, 3}, {5, 5}, {4}};
  for (const Pooling pooling : {Pooling::mean, Pooling::cls, Pooling::last}) {
    Session session = make();
    std::vector<std::vector<float>> expected;
    expected.reserve(texts.size());
    for (const Tokens& text : texts) expected.push_back(embed(session, text, {.pooling = pooling}));
    EXPECT_EQ(embed_all(session, texts, {.pooling = pooling}), expected);
    model_.takes_texts = true;
    EXPECT_EQ(embed_all(session, texts, {.pooling = pooling}), expected);
    model_.takes_texts = false;
  }
}

TEST_F(EmbeddingTest, OfShortTextsShareSteps) {
  model_.takes_texts = true;
  settings_.batch_length = 6;
  settings_.max_outputs = 3;
  Session session = make();
  const std::vector<Tokens> texts = {{2, 4}, {6}, {3, 5}, {8, 2, 3}, {4}};
  const auto steps_of = [&](Pooling pooling) {
    model_.steps.clear();
    embed_all(session, texts, {.pooling = pooling});
    std::vector<std::vector<uint32_t>> begins;
    begins.reserve(model_.steps.size());
    for (const auto& step : model_.steps) begins.push_back(step.texts);
    return begins;
  };
  // Three rows, of which each text has one; or three rows of all tokens.
  EXPECT_THAT(steps_of(Pooling::last), ElementsAre(ElementsAre(0, 2, 3), ElementsAre(0, 3)));
  EXPECT_THAT(model_.steps[0].output_rows, ElementsAre(1, 2, 4));
  EXPECT_THAT(steps_of(Pooling::mean), ElementsAre(ElementsAre(0, 2), IsEmpty(), IsEmpty(), IsEmpty()));
  // Nothing of them is left to go on with.
  steps_of(Pooling::last);
  EXPECT_EQ(session.info().context_used, 0);
}

TEST_F(EmbeddingTest, OfZeroIsZero) {
  Session session = make();
  EXPECT_THAT(embed(session, {0}), ElementsAre(0, 0));
}

}  // namespace
}  // namespace chord::session
