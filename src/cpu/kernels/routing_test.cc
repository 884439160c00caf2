// top_k, router_weights and weighted_sum.
#include "cpu/kernels/testing.h"

namespace chord::cpu::kernels {
namespace {

class RoutingTest : public KernelTest {
 protected:
  static std::vector<int32_t> top_k(kernels::Run run, const std::vector<float>& x, uint32_t rows,
                                    uint32_t count) {
    std::vector<int32_t> out(size_t{rows} * count);
    const Step step = {.token_count = rows};
    run_op(run, step, Op::top_k, &Command::top_k,
           {.x = address(x),
            .out = address(out),
            .rows = Rows::tokens,
            .columns = static_cast<uint32_t>(x.size() / rows),
            .count = count});
    return out;
  }

  static std::vector<float> router_weights(kernels::Run run, const std::vector<float>& logits,
                                           const std::vector<int32_t>& experts, uint32_t rows,
                                           bool normalized, float factor = 1) {
    std::vector<float> out(experts.size());
    const Step step = {.output_count = rows};
    run_op(run, step, Op::router_weights, &Command::router_weights,
           {.logits = address(logits),
            .experts = address(experts),
            .out = address(out),
            .rows = Rows::outputs,
            .columns = static_cast<uint32_t>(logits.size() / rows),
            .choices = static_cast<uint32_t>(experts.size() / rows),
            .normalized = normalized ? 1U : 0U,
            .factor = factor});
    return out;
  }

  static std::vector<float> weighted_sum(kernels::Run run, const std::vector<float>& x,
                                         const std::vector<float>& weights, uint32_t rows,
                                         const std::vector<float>& residual = {}) {
    const auto choices = static_cast<uint32_t>(weights.size() / rows);
    std::vector<float> out = residual;
    out.resize(x.size() / choices);
    const Step step = {.token_count = rows};
    run_op(run, step, Op::weighted_sum, &Command::weighted_sum,
           {.x = address(x),
            .weights = address(weights),
            .residual = residual.empty() ? 0 : address(out),
            .out = address(out),
            .rows = Rows::tokens,
            .columns = static_cast<uint32_t>(out.size() / rows),
            .choices = choices});
    return out;
  }
};
CHORD_TEST_EVERY_VARIANT(RoutingTest);

TEST_P(RoutingTest, FindsTheLargestInOrderAndOfEqualOnesTheFirst) {
  using testing::ElementsAre;
  EXPECT_THAT(top_k(variant(), {3, 1, 4, 1, 5, 9, 2, 6}, 1, 3), ElementsAre(5, 7, 4));
  EXPECT_THAT(top_k(variant(), {3, 1, 4, 1, 5, 9, 2, 6}, 2, 2), ElementsAre(2, 0, 1, 3));
  EXPECT_THAT(top_k(variant(), {7, 8, 8, 7, 8, 7}, 1, 4), ElementsAre(1, 2, 4, 0));
  EXPECT_THAT(top_k(variant(), {-kInfinity, -1, kInfinity}, 1, 3), ElementsAre(2, 1, 0));
  const auto x = Random(5).values(3 * 200);
  for (const uint32_t count : {1U, 8U, 200U}) {
    const auto found = top_k(variant(), x, 3, count);
    for (uint32_t r = 0; r < 3; ++r) {
      std::vector<int32_t> sorted(200);
      std::ranges::generate(sorted, [i = 0]() mutable { return i++; });
      std::ranges::sort(sorted, std::greater<>(), [&](int32_t i) { return x[r * 200 + i]; });
      EXPECT_TRUE(std::equal(sorted.begin(), sorted.begin() + count, found.begin() + r * count));
    }
  }
}

// They are where other ops read.
TEST_P(RoutingTest, FindsDistinctColumnsAmongNan) {
  for (const std::vector<float>& x : {std::vector<float>{kNan, kNan, kNan, kNan}, {1, kNan, 3, kNan}}) {
    auto found = top_k(variant(), x, 1, 3);
    std::ranges::sort(found);
    EXPECT_TRUE(found[0] >= 0 && found[0] < found[1] && found[1] < found[2] && found[2] < 4);
  }
}

TEST_P(RoutingTest, WeighsExperts) {
  const std::vector<float> logits = {std::log(1.0F), std::log(5.0F), std::log(2.0F), std::log(8.0F),
                                     100.0F,         -100.0F,        100.0F,         0.0F};
  expect_near(router_weights(variant(), logits, {3, 1, 0, 2}, 2, false),
              std::vector<float>{0.5F, 0.3125F, 0.5F, 0.5F}, 1e-7);
  expect_near(router_weights(variant(), logits, {3, 2, 2, 1}, 2, true),
              std::vector<float>{0.8F, 0.2F, 1.0F, 0.0F}, 1e-7);
  expect_near(router_weights(variant(), logits, {3, 2, 2, 0}, 2, true, 2.5F),
              std::vector<float>{2.0F, 0.5F, 1.25F, 1.25F}, 1e-7);
}

TEST_P(RoutingTest, SumsByWeight) {
  EXPECT_THAT(weighted_sum(variant(), {1, 2, 3, 10, 20, 30}, {2, 0.5F}, 1), testing::ElementsAre(7, 14, 21));
  EXPECT_THAT(weighted_sum(variant(), {1, 2, 3, 10, 20, 30}, {2, 3}, 2),
              testing::ElementsAre(2, 4, 6, 30, 60, 90));
  EXPECT_THAT(weighted_sum(variant(), {1, 2, 3, 10, 20, 30}, {2, 0.5F}, 1, {100, 200, 300}),
              testing::ElementsAre(107, 214, 321));
  for (const uint32_t columns : {1U, 7U, 8U, 33U, 511U, 512U, 1030U}) {
    Random random(columns);
    const auto x = random.values(size_t{columns} * 3 * 4);
    const auto weights = random.values(12);
    const auto residual = random.values(size_t{columns} * 3);
    expect_near(weighted_sum(variant(), x, weights, 3, residual),
                weighted_sum(reference(), x, weights, 3, residual), 2e-6);
  }
}

}  // namespace
}  // namespace chord::cpu::kernels
