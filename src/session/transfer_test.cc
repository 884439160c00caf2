// Sessions that are saved and loaded.
#include "session/transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "session/session_fixture.h"

namespace chord::session {
namespace {

using testing::HasSubstr;
using SavedBytes = std::vector<std::byte>;

class TransferTest : public SessionFixture {
 protected:
  TransferTest() { settings_.model = 0x1234; }

  static SavedBytes save(Session& session) {
    const uint64_t size = session.save().value();
    SavedBytes saved;
    auto event = session.step(kUnlimited);
    for (; event && *event != Event::done; event = session.step(kUnlimited)) {
      if (*event == Event::waiting) continue;
      EXPECT_EQ(*event, Event::bytes);
      EXPECT_EQ(session.bytes().offset, saved.size());
      saved.insert(saved.end(), session.bytes().bytes.begin(), session.bytes().bytes.end());
    }
    EXPECT_TRUE(event);
    EXPECT_EQ(saved.size(), size);
    EXPECT_TRUE(session.bytes().bytes.empty());
    return saved;
  }

  static Result<void> load(Session& session, const SavedBytes& saved) {
    CHORD_CHECK(session.load(saved.size()));
    while (true) {
      CHORD_ASSIGN(const Event event, session.step(kUnlimited));
      if (event == Event::done) return {};
      EXPECT_EQ(event, Event::bytes);
      const auto from = std::span(saved).subspan(static_cast<size_t>(session.bytes().offset));
      std::ranges::copy(from.first(session.bytes().bytes.size()), session.bytes().bytes.begin());
    }
  }

  // What has been said, and what is said next.
  Tokens prompt_and(const Tokens& answer) const {
    Tokens all = prompt_;
    all.insert(all.end(), answer.begin(), answer.end());
    return all;
  }
};

TEST_F(TransferTest, GoesOnInAnotherSessionWhereThisOneEnded) {
  Session session = make();
  const Tokens answer = run(session, prompt_, random_).tokens;
  const SavedBytes saved = save(session);
  EXPECT_EQ(session.info().finish, Finish::length);
  const Tokens next = prompt_and(answer);

  for (const uint32_t context_length : {40U, 64U, 100U}) {
    settings_.context_length = context_length;
    Session other = make();
    ASSERT_TRUE(load(other, saved));
    EXPECT_EQ(other.info().context_used, 21u);
    EXPECT_EQ(run(other, next, random_).tokens, greedy(next, 12));
    EXPECT_EQ(other.info().reused_tokens, 21u) << "all but the last token, which was never evaluated";
  }
  EXPECT_EQ(run(session, next, random_).tokens, greedy(next, 12)) << "saving changes nothing";
  EXPECT_EQ(session.info().reused_tokens, 21u);
}

TEST_F(TransferTest, SavesAnEmptySession) {
  Session session = make();
  const SavedBytes saved = save(session);
  run(session, prompt_, random_);
  ASSERT_TRUE(load(session, saved));
  EXPECT_EQ(session.info().context_used, 0u);
  EXPECT_EQ(run(session, prompt_, random_).tokens, greedy(prompt_, 12));
}

TEST_F(TransferTest, WaitsForTheDevice) {
  Session session = make();
  run(session, prompt_, random_);
  const SavedBytes saved = save(session);
  model_.image_waits = true;
  EXPECT_EQ(save(session), saved);

  model_.image_waits = true;
  ASSERT_TRUE(session.save());
  ASSERT_EQ(session.step(kUnlimited), Event::bytes);
  ASSERT_EQ(session.step(kUnlimited), Event::bytes);
  ASSERT_EQ(session.step(kUnlimited), Event::waiting);
  session.cancel();
  ASSERT_EQ(session.step(kUnlimited), Event::done);
  EXPECT_EQ(model_.abandoned, 1);
  EXPECT_EQ(session.info().finish, Finish::cancelled);
  EXPECT_EQ(session.info().context_used, 21u);
}

TEST_F(TransferTest, NoticesAllDamage) {
  Session session = make();
  run(session, prompt_, random_);
  const SavedBytes saved = save(session);
  for (size_t at = 0; at < saved.size(); ++at) {
    SavedBytes damaged = saved;
    damaged[at] ^= std::byte{0x40};
    Session other = make();
    const auto loaded = load(other, damaged);
    ASSERT_FALSE(loaded) << "byte " << at;
    const bool is_count = at >= 32 && at < 40;
    EXPECT_EQ(loaded.error().code(), is_count ? ErrorCode::context_overflow : ErrorCode::invalid_session);
    EXPECT_EQ(other.info().context_used, 0u);
    EXPECT_EQ(run(other, prompt_, random_).tokens, greedy(prompt_, 12));
  }
  for (size_t size = 0; size < saved.size(); ++size) {
    Session other = make();
    const auto loaded = load(other, SavedBytes(saved.begin(), saved.begin() + static_cast<ptrdiff_t>(size)));
    EXPECT_EQ(loaded.error().code(), ErrorCode::invalid_session) << size << " bytes";
  }
  SavedBytes longer = saved;
  longer.resize(saved.size() + 8);
  EXPECT_EQ(load(session, longer).error().code(), ErrorCode::invalid_session);
}

TEST_F(TransferTest, RefusesWhatDoesNotFit) {
  Session session = make();
  const Tokens answer = run(session, prompt_, random_).tokens;
  const SavedBytes saved = save(session);
  const auto refusal = [&](const Settings& settings) {
    const Settings usual = std::exchange(settings_, settings);
    Session other = make();
    settings_ = usual;
    run(other, prompt_, random_);
    const auto loaded = load(other, saved);
    EXPECT_EQ(other.info().context_used, 15u) << "what was there stays";
    return loaded ? Error(ErrorCode::internal, "") : loaded.error();
  };
  random_.max_tokens = 6;
  Settings settings = settings_;
  settings.model = 77;
  EXPECT_THAT(refusal(settings).message(), testing::AllOf(HasSubstr("4660"), HasSubstr("77")));
  settings = settings_;
  settings.kv_type = plan::KvType::q8_0;
  EXPECT_EQ(refusal(settings).code(), ErrorCode::invalid_session);
  EXPECT_THAT(refusal(settings).message(), testing::AllOf(HasSubstr("kv_type of 0"), HasSubstr("is 2")));
  settings = settings_;
  settings.context_length = 20;
  EXPECT_EQ(refusal(settings).code(), ErrorCode::context_overflow);
  EXPECT_THAT(refusal(settings).message(), testing::AllOf(HasSubstr("tokens: 21"), HasSubstr("than 20")));
}

TEST_F(TransferTest, IsWorkLikeOther) {
  Session session = make();
  run(session, prompt_, random_);
  ASSERT_TRUE(session.save());
  EXPECT_EQ(session.save().error().code(), ErrorCode::busy);
  EXPECT_EQ(session.load(1000).error().code(), ErrorCode::busy);
  EXPECT_EQ(session.generate(prompt_, random_).error().code(), ErrorCode::busy);
  session.cancel();
  EXPECT_EQ(session.step(kUnlimited), Event::done);
  ASSERT_TRUE(session.generate(prompt_, random_));
  EXPECT_EQ(session.save().error().code(), ErrorCode::busy);
  EXPECT_EQ(session.load(1000).error().code(), ErrorCode::busy);
}

}  // namespace
}  // namespace chord::session
