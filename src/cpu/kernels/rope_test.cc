#include "cpu/kernels/testing.h"

namespace chord::cpu::kernels {
namespace {

struct Turning {
  uint32_t tokens = 1;
  uint32_t first_position = 0;
  uint32_t head_count = 1;
  uint32_t head_length;
  uint32_t pair_count;
  bool halves;
  std::vector<double> frequencies;
  std::vector<float> factors;
  float magnitude = 1;
  std::vector<float> x;

  std::vector<float> table(Run run) const {
    std::vector<float> out(size_t{tokens} * pair_count * 2);
    const Step step = {.token_count = tokens, .first_position = first_position};
    run_op(run, step, Op::rope_table, &Command::rope_table,
           {.frequencies = address(frequencies),
            .factors = address(factors),
            .out = address(out),
            .pair_count = pair_count,
            .magnitude = magnitude});
    return out;
  }

  std::vector<float> run(Run run, bool in_place = false) const {
    const std::vector<float> turns = table(run);
    std::vector<float> out = in_place ? x : std::vector<float>(x.size());
    const Step step = {.token_count = tokens, .first_position = first_position};
    run_op(run, step, Op::rope, &Command::rope,
           {.x = in_place ? address(out) : address(x),
            .out = address(out),
            .table = address(turns),
            .head_count = head_count,
            .head_length = head_length,
            .pair_count = pair_count,
            .halves = halves ? 1U : 0U});
    return out;
  }
};

class RopeTest : public KernelTest {};
CHORD_TEST_EVERY_VARIANT(RopeTest);

TEST_P(RopeTest, TabulatesAngles) {
  const Turning turning = {.tokens = 2,
                           .first_position = 99'999,
                           .head_length = 4,
                           .pair_count = 2,
                           .halves = false,
                           .frequencies = {1, 0.01},
                           .factors = {1, 8},
                           .magnitude = 2,
                           .x = {}};
  std::vector<float> expected;
  for (const double position : {99'999.0, 100'000.0}) {
    for (const double angle : {position, position * 0.01 / 8}) {
      expected.push_back(2 * static_cast<float>(std::cos(angle)));
      expected.push_back(2 * static_cast<float>(std::sin(angle)));
    }
  }
  expect_near(turning.table(variant()), expected, 1e-7);
}

TEST_P(RopeTest, TurnsAQuarter) {
  constexpr double kQuarter = 1.57079632679489661923;
  Turning turning = {.first_position = 1,
                     .head_length = 5,
                     .pair_count = 2,
                     .halves = false,
                     .frequencies = {kQuarter, 2 * kQuarter},
                     .x = {1, 2, 3, 4, 5}};
  expect_near(turning.run(variant()), std::vector<float>{-2, 1, -3, -4, 5}, 1e-6);
  turning.halves = true;  // pairs (1, 3) and (2, 4)
  expect_near(turning.run(variant()), std::vector<float>{-3, -2, 1, -4, 5}, 1e-6);
}

TEST_P(RopeTest, AgreesForEveryNumberOfPairs) {
  for (const uint32_t pairs : {1U, 3U, 4U, 5U, 7U, 8U, 9U, 16U, 19U, 32U}) {
    for (const bool halves : {false, true}) {
      for (const uint32_t rest : {0U, 3U}) {
        Random random(pairs);
        Turning turning = {.tokens = 3,
                           .first_position = 5,
                           .head_count = 2,
                           .head_length = 2 * pairs + rest,
                           .pair_count = pairs,
                           .halves = halves,
                           .frequencies = {},
                           .x = random.values(size_t{6} * (2 * pairs + rest))};
        for (uint32_t i = 0; i < pairs; ++i) turning.frequencies.push_back(1.0 / (i + 1));
        expect_equal_bits(turning.run(variant()), turning.run(reference()));
        expect_equal_bits(turning.run(variant(), true), turning.run(reference()));
      }
    }
  }
}

}  // namespace
}  // namespace chord::cpu::kernels
