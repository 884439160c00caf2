#include "cpu/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpu/saturating.h"
#include "plan/builder.h"

namespace chord::cpu {
namespace {

using quant::Type;

plan::WeightInfo info(std::string name, uint64_t offset, uint64_t columns, uint64_t rows = 1,
                      Type type = Type::f32) {
  return {.name = std::move(name),
          .type = type,
          .columns = columns,
          .rows = rows,
          .experts = 1,
          .offset = offset,
          .bytes = quant::bytes_of(type, columns * rows)};
}

// embed → norm → matmul, with the output matrix `output`.
plan::Plan plan_with(const plan::WeightInfo& table, const plan::WeightInfo& norm,
                     const plan::WeightInfo& output) {
  plan::Builder b;
  b.weight(info("unused", 0, 8, 4));
  const plan::Value x = b.rms_norm(b.embed(b.weight(table)), b.weight(norm), 1e-5F);
  b.logits(b.matmul(b.select_rows(x), b.weight(output)));
  return *std::move(b).build();
}

TEST(Placement, LaysOutWhatIsUsedInFileOrder) {
  const plan::Plan plan =
      plan_with(info("table", 4096, 8, 10), info("norm", 128, 8), info("output", 1024, 8, 10));
  Placement placement = *Placement::create(plan);
  placement.set_base(1 << 20);
  EXPECT_EQ(placement.bytes(), 64u + 320 + 320);
  EXPECT_THAT(placement.tensors(), testing::ElementsAre(testing::Field(&PlacedTensor::offset, 128),
                                                        testing::Field(&PlacedTensor::offset, 1024),
                                                        testing::Field(&PlacedTensor::offset, 4096)));
  EXPECT_EQ(placement.address(plan::Weight{0}), 0u);
  EXPECT_EQ(placement.address(plan::Weight{1}), (1u << 20) + 384);
  EXPECT_EQ(placement.address(plan::Weight{2}), 1u << 20);
}

TEST(Placement, PlacesTiedWeightsOnce) {
  const plan::WeightInfo table = info("table", 4096, 32, 10, Type::q8_0);
  const Placement placement = *Placement::create(plan_with(table, info("norm", 128, 32), table));
  EXPECT_EQ(placement.tensors().size(), 2u);
  EXPECT_EQ(placement.address(plan::Weight{1}), placement.address(plan::Weight{3}));
}

TEST(Placement, GivesPackedWeightsWholePanels) {
  const Placement placement = *Placement::create(plan_with(
      info("table", 4096, 32, 10, Type::q8_0), info("norm", 128, 32), info("output", 65536, 32, 10)));
  const uint64_t panels = 2 * kernels::panel_bytes(kernels::Type::q8_0, 32);
  EXPECT_EQ(placement.bytes(), 128 + saturating_align(panels) + 1280);
}

TEST(Placement, RefusesTypesThatTheKernelsHaveNoUseFor) {
  const auto refused = [](const plan::Plan& plan) {
    const auto placement = Placement::create(plan);
    return placement ? "none" : concat(name(placement.error().code()), ": ", placement.error().message());
  };
  const plan::WeightInfo table = info("table", 4096, 8, 10);
  const plan::WeightInfo norm = info("output_norm.weight", 128, 8);
  EXPECT_EQ(refused(plan_with(table, norm, table)), "none");
  EXPECT_EQ(refused(plan_with(table, info("output_norm.weight", 128, 8, 1, Type::f16), table)),
            "unsupported_format: tensor output_norm.weight has type F16, wanted F32");
  EXPECT_EQ(refused(plan_with(info("table", 4096, 8, 10, Type::i32), norm, table)),
            "unsupported_format: tensor table has type I32, which cannot be multiplied with");
  EXPECT_EQ(refused(plan_with(table, norm, info("output", 4100, 8, 10))),
            "invalid_model: tensor output at 4100 overlaps another one, which ends at 4416");
  const plan::WeightInfo wide = info("output.weight", 8 << 20, 1 << 20, 10, Type::q8_0);
  EXPECT_EQ(refused(plan_with(wide, info("output_norm.weight", 128, 1 << 20), wide)),
            "unsupported_format: 8 rows of tensor output.weight have 8912896 bytes; at most 8388608 can be "
            "packed at a time");
}

}  // namespace
}  // namespace chord::cpu
