#include "cpu/command_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpu/activations.h"
#include "cpu/kernels/layout.h"
#include "cpu/test_model.h"

namespace chord::cpu {
namespace {

using kernels::Quantization;

// Five products with one value, of three kinds of weights.
TestModel shared_operand() {
  plan::Builder b;
  TestWeights weights;
  const plan::Value x = b.embed(weights.add(b, "table", 64, 50));
  plan::Value sum = b.matmul(x, weights.add(b, "0", 64, 32, 1, quant::Type::q8_0));
  for (const quant::Type type : {quant::Type::q4_0, quant::Type::f32, quant::Type::q5_1, quant::Type::q8_0}) {
    sum = b.multiply(sum, b.matmul(x, weights.add(b, "w", 64, 32, 1, type)));
  }
  b.logits(b.select_rows(sum));
  return weights.finish(std::move(b));
}

TEST(CommandList, QuantizesAValueOnceForEveryKindOfWeights) {
  const TestModel model = shared_operand();
  const auto instructions = plan::fuse(model.plan);
  const Activations activations = lay_out(model.plan, instructions, 4, 4);
  const Placement placement = *Placement::create(model.plan);
  const Addresses addresses = {.values = activations.offsets,
                               .quantized = activations.quantized,
                               .caches = {},
                               .ropes = {},
                               .mailboxes = 0};
  const CommandList list = emit(model.plan, instructions, placement, addresses, /*context_length=*/64);

  std::vector<Quantization> made;
  std::vector<uint64_t> places;
  std::vector<uint64_t> operands;
  for (const kernels::Command& command : list.commands) {
    if (command.op == kernels::Op::quantize) {
      EXPECT_EQ(command.quantize.columns, 64u);
      made.push_back(command.quantize.quantization);
      places.push_back(command.quantize.out);
    }
    if (command.op == kernels::Op::matmul) operands.push_back(command.matmul.x);
  }
  EXPECT_THAT(made, testing::ElementsAre(Quantization::short_signed, Quantization::short_blocks));
  const uint64_t x = activations.offsets[0];
  EXPECT_THAT(operands, testing::ElementsAre(places[0], places[1], x, places[1], places[0]));

  // Both copies are wanted at once, beside the value.
  const uint64_t bytes = 4 * kernels::quantized_bytes(Quantization::short_blocks, 64);
  EXPECT_TRUE(places[0] + bytes <= places[1] || places[1] + bytes <= places[0]);
  EXPECT_TRUE(places[0] + bytes <= x || x + uint64_t{4} * 64 * sizeof(float) <= places[0]);
}

}  // namespace
}  // namespace chord::cpu
