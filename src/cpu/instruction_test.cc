#include "plan/instruction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cpu/activations.h"
#include "cpu/saturating.h"
#include "cpu/test_model.h"
#include "plan/operands.h"

namespace chord::cpu {
namespace {

// "matmul+bias+add", "gated", "norm" …
std::vector<std::string> describe(const std::vector<plan::Instruction>& instructions) {
  std::vector<std::string> names;
  names.reserve(instructions.size());
  for (const plan::Instruction& instruction : instructions) {
    names.push_back(instruction.gate != nullptr
                        ? "gated"
                        : concat(plan::name(*instruction.op), instruction.bias ? "+bias" : "",
                                 instruction.residual ? "+add" : ""));
  }
  return names;
}

TEST(Fuse, FusesALayer) {
  const TestModel model = llama_like();
  const std::vector<std::string> names = describe(plan::fuse(model.plan));
  EXPECT_THAT(std::vector(names.begin(), names.begin() + 17),
              testing::ElementsAre("embed", "norm", "matmul+bias", "matmul", "matmul+bias", "norm", "rope",
                                   "norm", "rope", "store_kv", "attention", "matmul+add", "norm", "matmul",
                                   "matmul", "gated", "matmul+add"));
  EXPECT_EQ(names.size(), 1u + 2 * 16 + 5);
}

TEST(Fuse, AddsToASumOfExperts) {
  const TestModel model = mixture();
  const std::vector<std::string> names = describe(plan::fuse(model.plan));
  EXPECT_THAT(std::vector(names.begin() + 8, names.begin() + 23),
              testing::ElementsAre("matmul", "top_k", "matmul", "matmul", "gated", "matmul", "router_weights",
                                   "weighted_sum", "matmul", "matmul", "gated", "matmul", "matmul",
                                   "activation", "weighted_sum+add"));
}

// An expert's product is of several rows for each of its own.
TEST(Fuse, LeavesABiasOfAllChoices) {
  plan::Builder b;
  TestWeights weights;
  const plan::Value x = b.select_rows(b.embed(weights.add(b, "table", 8, 9)));
  const plan::Value product =
      b.matmul(x, weights.add(b, "w", 8, 4, 3), b.input("experts", plan::Rows::outputs, 2));
  b.embeddings(b.bias(product, weights.add(b, "b", 8)));
  const TestModel model = weights.finish(std::move(b));
  EXPECT_THAT(describe(plan::fuse(model.plan)),
              testing::ElementsAre("embed", "select_rows", "matmul", "bias"));
}

TEST(Fuse, LeavesWhatOthersReadToo) {
  plan::Builder b;
  TestWeights weights;
  const plan::Value x = b.select_rows(b.embed(weights.add(b, "table", 8, 9)));
  const plan::Value product = b.matmul(x, weights.add(b, "w", 8, 8));
  const plan::Value biased = b.bias(product, weights.add(b, "b", 8));
  const plan::Value active = b.activation(plan::ActivationKind::silu, biased);
  const plan::Value sum = b.add(b.multiply(active, x), b.add(active, product));
  b.embeddings(sum);
  b.logits(b.bias(b.matmul(sum, weights.add(b, "o", 8, 9)), weights.add(b, "ob", 9)));
  const TestModel model = weights.finish(std::move(b));
  EXPECT_THAT(describe(plan::fuse(model.plan)),
              testing::ElementsAre("embed", "select_rows", "matmul", "bias", "activation", "multiply", "add",
                                   "add", "matmul+bias", "penalties", "candidates"));
}

TEST(Fuse, LeavesTheSumOfSomethingThatComesLater) {
  plan::Builder b;
  TestWeights weights;
  const plan::Value x = b.select_rows(b.embed(weights.add(b, "table", 8, 9)));
  const plan::Value product = b.matmul(x, weights.add(b, "w", 8, 8));
  b.embeddings(b.add(product, b.scale(x, 2)));
  const TestModel model = weights.finish(std::move(b));
  EXPECT_THAT(describe(plan::fuse(model.plan)),
              testing::ElementsAre("embed", "select_rows", "matmul", "scale", "add"));
}

// No instruction may write where a value lies that is read at or after it, unless in place.
void expect_no_overlap(const plan::Plan& plan, const std::vector<plan::Instruction>& instructions,
                       const Activations& layout, uint64_t rows) {
  const auto overlap = [&](plan::Value a, plan::Value b) {
    const uint64_t a_end = layout.offsets[a.id] + rows * plan[a].columns * 4;
    const uint64_t b_end = layout.offsets[b.id] + rows * plan[b].columns * 4;
    return layout.offsets[a.id] < b_end && layout.offsets[b.id] < a_end;
  };
  for (size_t i = 0; i < instructions.size(); ++i) {
    if (!instructions[i].out) continue;
    const plan::Value out = *instructions[i].out;
    EXPECT_LE(layout.offsets[out.id] + rows * plan[out].columns * 4, layout.bytes);
    for (size_t writer = 0; writer < i; ++writer) {
      if (!instructions[writer].out) continue;
      const plan::Value other = *instructions[writer].out;
      bool live = other == plan.logits || other == plan.embeddings;
      for (size_t reader = i; reader < instructions.size(); ++reader) {
        live =
            live || std::ranges::find(instructions[reader].reads, other) != instructions[reader].reads.end();
      }
      if (live && instructions[i].in_place() != other) {
        EXPECT_FALSE(overlap(out, other)) << "values " << out.id << " and " << other.id;
      }
    }
    for (const plan::Op& op : plan.ops) {
      if (const auto* input = std::get_if<plan::Input>(&op)) EXPECT_FALSE(overlap(out, input->out));
    }
  }
}

TEST(Activations, ReuseMemoryButNeverThatOfALiveValue) {
  for (const TestModel& model : {llama_like(), synthetic()}) {
    const std::vector<plan::Instruction> instructions = plan::fuse(model.plan);
    const Activations layout = lay_out(model.plan, instructions, 7, 7);
    expect_no_overlap(model.plan, instructions, layout, 7);
    uint64_t all = 0;
    for (const plan::ValueInfo& value : model.plan.values)
      all += saturating_align(uint64_t{value.columns} * 7 * 4);
    EXPECT_LT(layout.bytes, all / 3);
  }
}

TEST(Activations, AddTheResidualInPlace) {
  const TestModel model = llama_like();
  const std::vector<plan::Instruction> instructions = plan::fuse(model.plan);
  const Activations layout = lay_out(model.plan, instructions, 4, 4);
  int count = 0;
  for (const plan::Instruction& instruction : instructions) {
    if (!instruction.residual) continue;
    EXPECT_EQ(layout.offsets[instruction.out->id], layout.offsets[instruction.residual->id]);
    ++count;
  }
  EXPECT_EQ(count, 4);
}

TEST(Activations, SayThatTheyCannotBeCounted) {
  plan::Plan plan;
  plan.values = {{.rows = plan::Rows::tokens, .columns = UINT32_MAX, .element = plan::Element::i32},
                 {.rows = plan::Rows::tokens, .columns = UINT32_MAX, .element = plan::Element::i32}};
  plan.ops = {plan::Input{.name = "a", .out = {0}}, plan::Input{.name = "b", .out = {1}}};
  EXPECT_EQ(lay_out(plan, {}, UINT32_MAX, 1).bytes, kTooMany);
}

}  // namespace
}  // namespace chord::cpu
