#include "webgpu/ahead.h"

#include <gtest/gtest.h>

#include <functional>

#include "webgpu/program.h"

namespace chord::webgpu {
namespace {

// A step of one token at a position, that draws with a window of three tokens.
struct Given {
  std::vector<int32_t> tokens;
  std::vector<plan::SamplingInputs> sampling;
  uint32_t position = 7;
  std::vector<uint32_t> outputs = {0};

  Given(int32_t token, std::vector<int32_t> window, uint64_t text_position) : tokens({token}) {
    plan::Draw draw = {.position = text_position, .temperature = 1, .window = {}, .ends = {}};
    draw.window_length = 3;
    draw.window = std::move(window);
    sampling.push_back(
        {.candidate_count = 4, .whole_row = false, .penalized = {}, .biases = {}, .draw = draw});
  }
  plan::Step step() const {
    return {.tokens = tokens, .first_position = position, .output_rows = outputs, .sampling = sampling};
  }
};

TEST(Ahead, GoesOnOnlyFromAStepThatDraws) {
  Given given(5, {1, 2, 5}, 20);
  EXPECT_TRUE(can_go_on(given.step()));
  given.sampling[0].whole_row = true;
  EXPECT_FALSE(can_go_on(given.step()));
  given.sampling[0].whole_row = false;
  given.sampling[0].draw.reset();
  EXPECT_FALSE(can_go_on(given.step()));
}

TEST(Ahead, ExpectsTheVeryStepThatFollows) {
  const auto is_met = [](const std::function<void(Given&)>& change) {
    const Given first(5, {1, 2, 5}, 20);
    Expectation expectation;
    expectation.after(first.step());
    expectation.found(9);
    Given next(9, {2, 5, 9}, 21);
    next.position = 8;
    change(next);
    return expectation.is_met_by(next.step());
  };
  EXPECT_TRUE(is_met([](Given&) {}));
  EXPECT_FALSE(is_met([](Given& next) { next.tokens[0] = 8; }));
  EXPECT_FALSE(is_met([](Given& next) { next.position = 9; }));
  EXPECT_FALSE(is_met([](Given& next) { next.sampling[0].candidate_count = 5; }));
  EXPECT_FALSE(is_met([](Given& next) { next.sampling[0].repetition_penalty = 2; }));
  EXPECT_FALSE(is_met([](Given& next) { next.sampling[0].biases = {{1, 1}}; }));
  EXPECT_FALSE(is_met([](Given& next) { next.sampling[0].draw->seed = 1; }));
  EXPECT_FALSE(is_met([](Given& next) { next.sampling[0].draw->position = 20; }));
  EXPECT_FALSE(is_met([](Given& next) { next.sampling[0].draw->top_p = 0.5; }));
  EXPECT_FALSE(is_met([](Given& next) { next.sampling[0].draw->window = {1, 5, 9}; }));
  EXPECT_FALSE(is_met([](Given& next) { next.sampling[0].draw->window = {5, 9}; }));
}

TEST(Ahead, AWindowThatIsNotFullGrows) {
  Expectation expectation;
  expectation.after(Given(5, {5}, 20).step());
  expectation.found(9);
  Given next(9, {5, 9}, 21);
  next.position = 8;
  EXPECT_TRUE(expectation.is_met_by(next.step()));
  expectation.forget();
  EXPECT_FALSE(expectation.is_met_by(next.step()));
}

TEST(Stride, Doubles) {
  Stride stride;
  EXPECT_EQ(stride.take(100), 1);
  EXPECT_EQ(stride.take(100), 2);
  EXPECT_EQ(stride.take(3), 3);
  EXPECT_EQ(stride.take(100), 8);
  for (int i = 0; i < 5; ++i) stride.take(100);
  EXPECT_EQ(stride.take(100), Program::kMaxAhead);
  stride.reset();
  EXPECT_EQ(stride.take(100), 1);
}

TEST(Stride, IsShortWhereStepsTakeLong) {
  Stride stride;
  for (int i = 0; i < 6; ++i) stride.take(100);
  stride.took(1, 3);
  EXPECT_EQ(stride.take(100), 24) << "a read-back of 3 ms says nothing of the steps";
  stride.took(24, 51);
  EXPECT_EQ(stride.take(100), 12) << "2 ms each";
  stride.took(12, 4000);
  EXPECT_EQ(stride.take(100), 1);
}

}  // namespace
}  // namespace chord::webgpu
