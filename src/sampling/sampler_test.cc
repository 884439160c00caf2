#include "sampling/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "sampling/noise.h"

namespace chord::sampling {
namespace {

using Logits = std::vector<float>;

// What a device would answer.
plan::CandidateList candidates(const Logits& logits, uint32_t count) {
  plan::CandidateList list{};
  for (size_t i = 0; i < logits.size(); ++i) list.largest.push_back({static_cast<int32_t>(i), logits[i]});
  std::ranges::sort(list.largest, std::less<>(), [](const plan::Candidate& candidate) {
    return std::pair(-candidate.logit, candidate.token);
  });
  list.largest.resize(std::min<size_t>(count, logits.size()));
  const double largest = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  list.log_sum_exp = largest + std::log(sum);
  return list;
}

Logits random_logits(size_t count, float deviation, uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<float> normal(0, deviation);
  Logits logits(count);
  for (float& logit : logits) logit = normal(generator);
  return logits;
}

Sampler make(const Options& options, size_t vocab_size) {
  return Sampler::create(options, static_cast<uint32_t>(vocab_size)).value();
}

int32_t token_from_row(const Options& options, const Logits& logits, uint64_t position = 0) {
  return make(options, logits.size()).pick_from_row(logits, position).value().token;
}

// The tokens that come out over many positions.
std::set<int32_t> possible(const Options& options, const Logits& logits) {
  Sampler sampler = make(options, logits.size());
  std::set<int32_t> tokens;
  for (uint64_t position = 0; position < 2000; ++position) {
    tokens.insert(sampler.pick_from_row(logits, position).value().token);
  }
  return tokens;
}

TEST(Sampler, GreedyTakesTheLargestAndOfTiesTheSmallerId) {
  const Logits logits = {1, 3, 2, 3};
  EXPECT_EQ(token_from_row({}, logits), 1);
  const Sampler sampler = make({}, 4);
  EXPECT_EQ(sampler.needed_candidates(), 1u);
  const auto choice = sampler.pick(candidates(logits, 1), 0).value().value();
  EXPECT_EQ(choice.token, 1);
  const double sum = std::exp(1) + 2 * std::exp(3) + std::exp(2);
  EXPECT_NEAR(choice.logprob, 3 - std::log(sum), 1e-6);
}

TEST(Sampler, LogprobIsThatBeforeTemperatureAndTruncation) {
  const Logits logits = {1, 2, 3, 4};
  const Options options{.temperature = 3, .top_k = 2};
  const double log_sum_exp = candidates(logits, 1).log_sum_exp;
  Sampler sampler = make(options, 4);
  for (uint64_t position = 0; position < 20; ++position) {
    const Choice row = sampler.pick_from_row(logits, position).value();
    const Choice few = sampler.pick(candidates(logits, 2), position).value().value();
    EXPECT_NEAR(row.logprob, logits[static_cast<size_t>(row.token)] - log_sum_exp, 1e-6);
    EXPECT_NEAR(few.logprob, row.logprob, 1e-6);
  }
}

// Pearson's test: with 7 degrees of freedom a correct sampler exceeds 24.3 once in 1000 tries.
void expect_softmax(const Options& options, const Logits& logits, bool vary_seed) {
  constexpr int kDraws = 20'000;
  std::vector<int> counts(logits.size());
  for (int i = 0; i < kDraws; ++i) {
    Options varied = options;
    if (vary_seed) varied.seed = static_cast<uint64_t>(i);
    Sampler sampler = make(varied, logits.size());
    ++counts[static_cast<size_t>(
        sampler.pick_from_row(logits, vary_seed ? 3 : static_cast<uint64_t>(i))->token)];
  }
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit / options.temperature);
  double chi_square = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    const double expected = kDraws * std::exp(logits[i] / options.temperature) / sum;
    chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  EXPECT_LT(chi_square, 24.3);
}

TEST(Sampler, DrawsFromTheSoftmax) {
  const Logits logits = {0, 1, 2, -1, 0.5F, 1.5F, 2, -2};
  for (const float temperature : {0.7F, 1.0F, 2.0F}) {
    expect_softmax({.seed = 5, .temperature = temperature}, logits, false);
    expect_softmax({.temperature = temperature}, logits, true);
  }
}

TEST(Sampler, LowTemperaturesStayRandomBetweenEqualLogits) {
  EXPECT_EQ(possible({.temperature = 1e-30F}, {20, 19, 20}), (std::set<int32_t>{0, 2}));
}

// Computed apart, in Python, from the definition; they must be the same on every platform.
TEST(Sampler, GivesTheSameTokensEverywhere) {
  Logits logits(1000);
  for (size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>((i * 7919) % 1000) / 100;
  std::vector<int32_t> tokens;
  for (uint64_t position = 0; position < 8; ++position) {
    tokens.push_back(token_from_row({.seed = 42, .temperature = 1}, logits, position));
    tokens.push_back(
        token_from_row({.seed = 42, .temperature = 0.7F, .top_k = 40, .top_p = 0.9F}, logits, position));
  }
  EXPECT_THAT(tokens, testing::ElementsAre(568, 568, 766, 457, 519, 284, 692, 235, 397, 494, 656, 963, 457,
                                           457, 597, 309));
}

TEST(Sampler, TopKKeepsTheKLargest) {
  const Logits logits = {1, 2, 2, 2, 0};
  EXPECT_EQ(possible({.temperature = 5, .top_k = 2}, logits), (std::set<int32_t>{1, 2}));
  EXPECT_EQ(possible({.temperature = 5, .top_k = 1}, logits), (std::set<int32_t>{1}));
  EXPECT_EQ(possible({.temperature = 5, .top_k = 99}, logits), (std::set<int32_t>{0, 1, 2, 3, 4}));
}

TEST(Sampler, TopPKeepsTheFewestThatReachIt) {
  const Logits logits = {std::log(0.1F), std::log(0.4F), std::log(0.3F), std::log(0.2F)};
  EXPECT_EQ(possible({.temperature = 2, .top_p = 0.35F}, logits), (std::set<int32_t>{1}));
  EXPECT_EQ(possible({.temperature = 2, .top_p = 0.45F}, logits), (std::set<int32_t>{1, 2}));
  EXPECT_EQ(possible({.temperature = 2, .top_p = 0.85F}, logits), (std::set<int32_t>{1, 2, 3}));
  EXPECT_EQ(possible({.temperature = 2, .top_p = 0.95F}, logits), (std::set<int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(possible({.temperature = 2, .top_p = 0}, logits), (std::set<int32_t>{1}));
}

TEST(Sampler, TopPRefersToWhatTopKLeft) {
  const Logits logits = {std::log(0.1F), std::log(0.4F), std::log(0.3F), std::log(0.2F)};
  // Of the first two, 0.4 is 57 %: not enough for 0.6. Of all it is 40 %.
  EXPECT_EQ(possible({.temperature = 2, .top_k = 2, .top_p = 0.55F}, logits), (std::set<int32_t>{1}));
  EXPECT_EQ(possible({.temperature = 2, .top_k = 2, .top_p = 0.6F}, logits), (std::set<int32_t>{1, 2}));
  EXPECT_EQ(possible({.temperature = 2, .top_p = 0.55F}, logits), (std::set<int32_t>{1, 2}));
}

TEST(Sampler, MinPComparesWithTheMostProbable) {
  const Logits logits = {std::log(0.1F), std::log(0.4F), std::log(0.3F), std::log(0.2F)};
  EXPECT_EQ(possible({.temperature = 2, .min_p = 0.2F}, logits), (std::set<int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(possible({.temperature = 2, .min_p = 0.3F}, logits), (std::set<int32_t>{1, 2, 3}));
  EXPECT_EQ(possible({.temperature = 2, .min_p = 0.6F}, logits), (std::set<int32_t>{1, 2}));
  EXPECT_EQ(possible({.temperature = 2, .min_p = 1}, logits), (std::set<int32_t>{1}));
  EXPECT_EQ(possible({.temperature = 2, .top_p = 0.45F, .min_p = 0.3F}, logits), (std::set<int32_t>{1, 2}));
}

TEST(Sampler, CandidatesAndRowAgree) {
  const std::vector<Options> variants = {
      {},
      {.temperature = 1, .top_k = 1},
      {.temperature = 0.8F, .top_k = 40, .top_p = 0.95F, .min_p = 0.05F},
      {.temperature = 1.5F, .top_k = 256},
      {.temperature = 1, .top_p = 0.9F},
      {.temperature = 1, .top_p = 0.3F, .min_p = 0.1F},
      {.temperature = 1, .min_p = 0.02F},
      {.temperature = 1, .top_k = 700, .top_p = 0.5F},
      {.temperature = 1, .top_k = 700, .min_p = 0.1F},
      {.temperature = 2, .top_k = 5000, .top_p = 0.9F},
      {.temperature = 1, .top_k = 700},
      {.temperature = 1},
  };
  std::vector<int> decided(variants.size());
  std::vector<int> undecided(variants.size());
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const size_t vocab_size = seed % 3 == 0 ? 200 : 2000;
    Logits logits = random_logits(vocab_size, 0.5F + static_cast<float>(seed % 7), seed);
    if (seed % 5 == 0) std::ranges::for_each(logits, [](float& logit) { logit = std::round(logit); });
    for (size_t v = 0; v < variants.size(); ++v) {
      Options options = variants[v];
      options.seed = seed;
      Sampler sampler = make(options, vocab_size);
      auto list = candidates(logits, sampler.needed_candidates());
      list.log_sum_exp += seed % 2 == 0 ? 3e-6 : -3e-6;  // a device that sums in f32
      const auto few = sampler.pick(list, seed).value();
      const auto row = sampler.pick_from_row(logits, seed).value();
      if (few) EXPECT_EQ(few->token, row.token) << "options " << v << ", seed " << seed;
      ++(few ? decided : undecided)[v];
    }
  }
  for (size_t v = 0; v < 4; ++v) EXPECT_EQ(undecided[v], 0) << "options " << v;  // greedy, or top_k ≤ 256
  for (size_t v = 4; v < 9; ++v) EXPECT_GT(decided[v], 20) << "options " << v;
  EXPECT_EQ(decided.back(), 20) << "without truncation only a vocabulary of 200 fits the list";
}

// What a device would find that draws in 32-bit floats.
plan::CandidateList drawn(const Logits& logits, const Options& options, uint64_t position, size_t count) {
  std::vector<std::pair<float, int32_t>> scores;
  for (size_t i = 0; i < logits.size(); ++i) {
    const auto token = static_cast<int32_t>(i);
    const auto noise = static_cast<float>(gumbel(noise_bits(options.seed, position, token)));
    scores.emplace_back(-(logits[i] / options.temperature + noise), token);
  }
  std::ranges::sort(scores);
  plan::CandidateList list = candidates(logits, 0);
  list.drawn = true;
  for (const auto& [score, token] : std::span(scores).first(count)) {
    list.largest.push_back({token, logits[static_cast<size_t>(token)]});
  }
  return list;
}

TEST(Sampler, DrawnCandidatesLeadToWhatTheRowDoes) {
  for (const float temperature : {0.01F, 0.7F, 20.0F}) {
    const Options options = {.seed = 9, .temperature = temperature};
    const Logits logits = random_logits(700, 3, 5);
    Sampler sampler = make(options, logits.size());
    for (uint64_t position = 0; position < 100; ++position) {
      const auto choice = sampler.pick(drawn(logits, options, position, 8), position).value();
      ASSERT_TRUE(choice) << "temperature " << temperature << ", position " << position;
      const Choice expected = sampler.pick_from_row(logits, position).value();
      EXPECT_EQ(choice->token, expected.token);
      EXPECT_NEAR(choice->logprob, expected.logprob, 1e-5);
    }
  }
}

TEST(Sampler, DrawnCandidatesThatAreTooFewDecideNothing) {
  const Options options = {.temperature = 1};
  const Logits logits = random_logits(700, 1, 6);
  const Sampler sampler = make(options, logits.size());
  EXPECT_FALSE(sampler.pick(drawn(logits, options, 3, 1), 3).value());
  plan::CandidateList broken = drawn(logits, options, 3, 8);
  broken.log_sum_exp = NAN;
  EXPECT_FALSE(sampler.pick(broken, 3).value());
}

TEST(Sampler, ForbiddenTokensNeverComeOut) {
  const Logits logits = {-INFINITY, 0, -INFINITY, 1};
  EXPECT_EQ(possible({.temperature = 100}, logits), (std::set<int32_t>{1, 3}));
  EXPECT_EQ(possible({.temperature = 100, .top_k = 3}, logits), (std::set<int32_t>{1, 3}));
  EXPECT_EQ(token_from_row({}, logits), 3);
}

TEST(Sampler, ExtremeLogits) {
  for (const float temperature : {0.0F, 1.0F}) {
    Sampler sampler = make({.temperature = temperature, .top_k = 2}, 3);

    const Logits forbidden = {-INFINITY, -INFINITY, -INFINITY};
    EXPECT_EQ(sampler.pick_from_row(forbidden, 0).error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(sampler.pick(candidates(forbidden, 2), 0).error().code(), ErrorCode::invalid_argument);

    const Logits certain = {0, 1, INFINITY};
    for (const Choice choice : {sampler.pick_from_row(certain, 0).value(),
                                sampler.pick(candidates(certain, 2), 0).value().value()}) {
      EXPECT_EQ(choice.token, 2);
      EXPECT_EQ(choice.logprob, 0);
    }

    const Logits broken = {0, NAN, 1};
    EXPECT_EQ(sampler.pick_from_row(broken, 0).error().code(), ErrorCode::invalid_model);
    EXPECT_EQ(sampler.pick({.largest = {{2, 1}, {0, 0}}, .log_sum_exp = NAN}, 0).error().code(),
              ErrorCode::invalid_model);
    EXPECT_EQ(sampler.pick({.largest = {{2, 1}, {1, NAN}}, .log_sum_exp = 1}, 0).error().code(),
              ErrorCode::invalid_model);

    const Logits far_apart = {-3e38F, 3e38F, 0};
    EXPECT_EQ(sampler.pick_from_row(far_apart, 0).value().token, 1);
    EXPECT_EQ(sampler.pick_from_row(far_apart, 0).value().logprob, 0);
  }
}

TEST(Sampler, RefusesWrongOptions) {
  EXPECT_EQ(Sampler::create({.temperature = -1}, 10).error().code(), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace chord::sampling
