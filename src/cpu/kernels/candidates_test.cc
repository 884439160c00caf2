// penalties and candidates.
#include <algorithm>

#include "cpu/kernels/testing.h"

namespace chord::cpu::kernels {
namespace {

class CandidatesTest : public KernelTest {
 protected:
  static Mailbox candidates(kernels::Run run, const std::vector<float>& logits, uint32_t wanted) {
    const Sampling sampling = {.candidate_count = wanted};
    Mailbox mailbox = {};
    const Step step = {.sampling = address(&sampling), .output_count = 1};
    run_op(run, step, Op::candidates, &Command::candidates,
           {.logits = address(logits),
            .mailboxes = address(&mailbox),
            .vocab_size = static_cast<uint32_t>(logits.size())});
    return mailbox;
  }

  static std::vector<int32_t> tokens(const Mailbox& mailbox) {
    std::vector<int32_t> result;
    result.reserve(mailbox.count);
    for (uint32_t i = 0; i < mailbox.count; ++i) result.push_back(mailbox.candidates[i].token);
    return result;
  }

  static std::vector<float> penalize(kernels::Run run, std::vector<float> logits,
                                     const std::vector<Sampling>& sampling) {
    const auto rows = static_cast<uint32_t>(sampling.size());
    const Step step = {.sampling = address(sampling), .output_count = rows};
    run_op(run, step, Op::penalties, &Command::penalties,
           {.logits = address(logits), .vocab_size = static_cast<uint32_t>(logits.size() / rows)});
    return logits;
  }
};
CHORD_TEST_EVERY_VARIANT(CandidatesTest);

TEST_P(CandidatesTest, AreTheLargestInDescendingOrder) {
  const Mailbox mailbox = candidates(variant(), {1, 5, 3, -2, 4}, 3);
  EXPECT_THAT(tokens(mailbox), testing::ElementsAre(1, 4, 2));
  EXPECT_EQ(mailbox.candidates[0].logit, 5);
  EXPECT_NEAR(mailbox.log_sum_exp,
              std::log(std::exp(1.0) + std::exp(5.0) + std::exp(3.0) + std::exp(-2.0) + std::exp(4.0)), 1e-6);
}

TEST_P(CandidatesTest, PrefersTheSmallerIdOfEqualLogits) {
  EXPECT_THAT(tokens(candidates(variant(), {2, 7, 7, 2, 7, 2}, 4)), testing::ElementsAre(1, 2, 4, 0));
  EXPECT_THAT(tokens(candidates(variant(), std::vector<float>(100, 0.5F), 5)),
              testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST_P(CandidatesTest, NeverAreNanOrForbidden) {
  EXPECT_THAT(tokens(candidates(variant(), {kNan, -kInfinity, 3, kNan, kInfinity}, 5)),
              testing::ElementsAre(4, 2));
  EXPECT_EQ(candidates(variant(), {kNan, -kInfinity}, 1).count, 0U);
}

TEST_P(CandidatesTest, AreNoneIfNoneAreWanted) {
  const Mailbox mailbox = candidates(variant(), {0, 0}, 0);
  EXPECT_EQ(mailbox.count, 0U);
  EXPECT_NEAR(mailbox.log_sum_exp, std::log(2.0), 1e-6);
}

TEST_P(CandidatesTest, AgreeToTheBit) {
  for (const uint32_t vocab_size : {1U, 31U, 32U, 33U, 1000U, 32003U}) {
    for (const uint32_t wanted : {1U, 2U, 40U, kMaxCandidates}) {
      Random random(vocab_size);
      std::vector<float> logits(vocab_size);
      for (float& logit : logits)
        logit = static_cast<float>(random.below(4096)) / 256;  // with many equal ones
      const Mailbox actual = candidates(variant(), logits, wanted);
      const Mailbox expected = candidates(reference(), logits, wanted);
      EXPECT_EQ(actual.log_sum_exp, expected.log_sum_exp);
      EXPECT_EQ(tokens(actual), tokens(expected));
      std::ranges::sort(logits);
      EXPECT_EQ(tokens(candidates(variant(), logits, wanted)),
                tokens(candidates(reference(), logits, wanted)));
    }
  }
}

TEST_P(CandidatesTest, PenaltiesApplyInTheirOrder) {
  const std::vector<TokenCount> penalized = {
      {.token = 0, .count = 2}, {.token = 1, .count = 1}, {.token = 9, .count = 1}};
  const std::vector<TokenBias> biases = {
      {.token = 1, .bias = 100}, {.token = 3, .bias = -kInfinity}, {.token = -1, .bias = 5}};
  const Sampling changed = {.penalized = address(penalized),
                            .biases = address(biases),
                            .penalized_count = 3,
                            .bias_count = 3,
                            .repetition_penalty = 2,
                            .frequency_penalty = 0.5F,
                            .presence_penalty = 0.25F,
                            .candidate_count = 0};
  const Sampling none = {.repetition_penalty = 1};
  // 4/2 − 2·0.5 − 0.25 and −4·2 − 0.5 − 0.25 + 100
  EXPECT_THAT(penalize(variant(), {1, 1, 1, 1, 4, -4, 5, 6}, {none, changed}),
              testing::ElementsAre(1, 1, 1, 1, 0.75F, 91.25F, 5, -kInfinity));
}

}  // namespace
}  // namespace chord::cpu::kernels
