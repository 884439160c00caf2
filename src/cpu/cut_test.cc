// A plan that is cut runs in several memories, and gives the bits of the whole.
#include "plan/cut.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cpu/test_model.h"
#include "plan/operands.h"

namespace chord::cpu {
namespace {

// The parts of a model, each on a data plane of its own.
class Chain {
 public:
  Chain(const TestModel& model, std::span<const size_t> positions) {
    auto plans = plan::cut(model.plan, positions);
    EXPECT_TRUE(plans) << plans.error().message();
    for (plan::Plan& plan : *plans) models_.push_back({.plan = std::move(plan), .file = model.file});
    for (const TestModel& part : models_) parts_.push_back(std::make_unique<Running>(part));
  }

  // The logits of the last token.
  std::vector<float> run(std::span<const int32_t> tokens, uint32_t first_position) {
    std::vector<uint32_t> all(tokens.size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint32_t>(i);
    std::vector<float> hidden;
    for (size_t i = 0; i < parts_.size(); ++i) {
      const bool last = i + 1 == parts_.size();
      const plan::NamedInput entering[] = {
          {.name = plan::kHiddenInput, .values = std::span(std::as_const(hidden))}};
      run_step(*parts_[i]->executor, {.tokens = tokens,
                                      .first_position = first_position,
                                      .output_rows = last ? std::span(all).last(1) : std::span(all),
                                      .sampling = {},
                                      .inputs = i == 0 ? std::span<const plan::NamedInput>() : entering});
      if (!last) hidden = read_hidden(*parts_[i]->executor, models_[i].plan, all);
    }
    return logits_of(*parts_.back()->executor, models_.back().plan, 0);
  }

  const Running& part(size_t i) const { return *parts_[i]; }
  size_t size() const { return parts_.size(); }

 private:
  static std::vector<float> read_hidden(plan::Executor& executor, const plan::Plan& plan,
                                        std::span<const uint32_t> rows) {
    const uint32_t columns = plan[*plan.embeddings].columns;
    std::vector<float> hidden(rows.size() * columns);
    for (const uint32_t row : rows) {
      const auto read =
          executor.read_embedding(row, std::span(hidden).subspan(size_t{row} * columns, columns));
      EXPECT_TRUE(read) << read.error().message();
    }
    return hidden;
  }

  std::vector<TestModel> models_;
  std::vector<std::unique_ptr<Running>> parts_;
};

TEST(Cut, FindsTheBordersOfLayersAndTheirHalves) {
  const TestModel model = llama_like();
  std::vector<std::string_view> next;
  for (const size_t position : plan::cuts(model.plan)) next.push_back(plan::name(model.plan.ops[position]));
  EXPECT_THAT(next, testing::ElementsAre("norm", "norm", "norm", "norm", "select_rows"));
}

TEST(Cut, PartsGiveTheBitsOfTheWhole) {
  const TestModel model = llama_like();
  Running whole(model);
  const std::vector<size_t> cuts = plan::cuts(model.plan);
  // Between the layers; and wherever a plan can be cut.
  const size_t between[] = {cuts[2]};
  Chain two(model, between);
  Chain six(model, cuts);
  EXPECT_EQ(two.size(), 2u);
  EXPECT_EQ(six.size(), 6u);
  EXPECT_LT(two.part(0).device->weight_bytes(), whole.device->weight_bytes());
  EXPECT_EQ(two.part(0).executor->store_bytes() * 2, whole.executor->store_bytes());

  const std::vector<int32_t> tokens = {3, 1, 4, 1, 5, 9, 2, 6};
  const std::vector<uint32_t> last = {4};
  const std::vector<uint32_t> first = {0};
  const auto prompt = std::span(tokens).first(5);
  run_step(*whole.executor, {.tokens = prompt, .first_position = 0, .output_rows = last, .sampling = {}});
  std::vector<float> expected = logits_of(*whole.executor, model.plan, 0);
  EXPECT_EQ(two.run(prompt, 0), expected);
  EXPECT_EQ(six.run(prompt, 0), expected);
  for (uint32_t position = 5; position < tokens.size(); ++position) {
    const auto token = std::span(tokens).subspan(position, 1);
    run_step(*whole.executor,
             {.tokens = token, .first_position = position, .output_rows = first, .sampling = {}});
    expected = logits_of(*whole.executor, model.plan, 0);
    EXPECT_EQ(two.run(token, position), expected);
    EXPECT_EQ(six.run(token, position), expected);
  }
}

TEST(Cut, RefusesWhereMoreThanOneValueCrosses) {
  const TestModel model = llama_like();
  const auto refused = [&](std::vector<size_t> positions) {
    const auto parts = plan::cut(model.plan, positions);
    return parts ? "none" : parts.error().message();
  };
  const std::vector<size_t> cuts = plan::cuts(model.plan);
  const size_t ops = model.plan.ops.size();
  EXPECT_EQ(refused({}), "none");
  EXPECT_EQ(refused({cuts[0] + 2}),
            concat("a plan of ", ops, " ops cannot be cut before op ", cuts[0] + 2, " after a cut at 0"));
  EXPECT_EQ(refused({cuts[1], cuts[1]}),
            concat("a plan of ", ops, " ops cannot be cut before op ", cuts[1], " after a cut at ", cuts[1]));
  EXPECT_EQ(refused({ops}),
            concat("a plan of ", ops, " ops cannot be cut before op ", ops, " after a cut at 0"));
}

TEST(Cut, RefusesAHiddenInputOfAnotherType) {
  const TestModel model = llama_like();
  const std::vector<size_t> cuts = plan::cuts(model.plan);
  auto parts = plan::cut(model.plan, std::span(cuts).first(1));
  Running second({.plan = (*parts)[1], .file = model.file});
  const std::vector<int32_t> token = {1};
  const std::vector<int32_t> indices(24);
  const plan::NamedInput input[] = {{.name = plan::kHiddenInput, .values = indices}};
  const auto begun = second.executor->begin(
      {.tokens = token, .first_position = 0, .output_rows = {}, .sampling = {}, .inputs = input});
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().message(), "input hidden has i32 values, wanted f32");
}

}  // namespace
}  // namespace chord::cpu
