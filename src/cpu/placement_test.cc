#include "cpu/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

struct Request {
  uint64_t offset;
  uint64_t length;
  uint64_t address;
  bool operator==(const Request&) const = default;
};

std::vector<Request> requests(Placement placement) {
  std::vector<Request> all;
  while (const auto wanted = placement.want()) {
    all.push_back({wanted->offset, wanted->length, wanted->address});
    EXPECT_TRUE(placement.supply(wanted->length));
  }
  return all;
}

TEST(Placement, AsksInFileOrderForWhatIsUsed) {
  const plan::Plan plan =
      plan_with(info("table", 4096, 8, 10), info("norm", 128, 8), info("output", 1024, 8, 10));
  Placement placement = *Placement::create(plan);
  placement.set_base(1 << 20);
  EXPECT_EQ(placement.bytes(), 64u + 320 + 320);
  EXPECT_THAT(requests(placement),
              testing::ElementsAre(Request{128, 32, 1 << 20}, Request{1024, 320, (1 << 20) + 64},
                                   Request{4096, 320, (1 << 20) + 384}));
  EXPECT_EQ(placement.address(plan::Weight{0}), 0u);
  EXPECT_EQ(placement.address(plan::Weight{1}), (1u << 20) + 384);
}

TEST(Placement, PlacesTiedWeightsOnce) {
  const plan::WeightInfo table = info("table", 4096, 8, 10);
  Placement placement = *Placement::create(plan_with(table, info("norm", 128, 8), table));
  EXPECT_EQ(requests(placement).size(), 2u);
  EXPECT_EQ(placement.address(plan::Weight{1}), placement.address(plan::Weight{3}));
}

TEST(Placement, CutsLargeTensorsIntoRequestsOf8MiB) {
  const plan::WeightInfo table = info("table", 64, 1024, 5000);
  const auto all = requests(*Placement::create(plan_with(table, info("norm", 32 << 20, 1024), table)));
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0], (Request{64, 8 << 20, 0}));
  EXPECT_EQ(all[1], (Request{64 + (8 << 20), 8 << 20, 8 << 20}));
  EXPECT_EQ(all[2], (Request{64 + (16 << 20), 1024 * 5000 * 4 - (16 << 20), 16 << 20}));
}

TEST(Placement, TakesFewerBytesThanItAskedForButNotMore) {
  Placement placement = *Placement::create(
      plan_with(info("table", 4096, 8, 10), info("norm", 128, 8), info("output", 1024, 8, 10)));
  EXPECT_EQ(placement.supply(33).error().message, "33 bytes of weights were supplied, wanted 1 to 32");
  EXPECT_FALSE(placement.supply(0));
  ASSERT_TRUE(placement.supply(5));
  EXPECT_EQ(placement.want()->offset, 133u);
  EXPECT_EQ(placement.want()->length, 27u);
  EXPECT_EQ(placement.want()->address, 5u);
  ASSERT_TRUE(placement.supply(27));
  EXPECT_EQ(placement.want()->offset, 1024u);
}

TEST(Placement, RefusesTypesThatTheKernelsHaveNoUseFor) {
  const auto refused = [](const plan::Plan& plan) {
    const auto placement = Placement::create(plan);
    return placement ? "none" : concat(name(placement.error().code), ": ", placement.error().message);
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
}

}  // namespace
}  // namespace chord::cpu
