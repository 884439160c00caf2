#include "plan/builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/operands.h"

namespace chord::plan {
namespace {

using testing::HasSubstr;

WeightInfo f32(std::string name, uint64_t columns, uint64_t rows = 1, uint64_t experts = 1) {
  return {.name = std::move(name),
          .type = quant::Type::f32,
          .columns = columns,
          .rows = rows,
          .experts = experts,
          .offset = 0,
          .bytes = columns * rows * experts * 4};
}

std::vector<std::string_view> op_names(const Plan& plan) {
  std::vector<std::string_view> names;
  names.reserve(plan.ops.size());
  for (const Op& op : plan.ops) names.push_back(name(op));
  return names;
}

// Closes a plan around `x`, a value of tokens.
Result<Plan> finish(Builder builder, Value x) {
  builder.embeddings(builder.select_rows(x));
  return std::move(builder).build();
}

std::string mistake(Builder builder, Value x) {
  const auto plan = finish(std::move(builder), x);
  return plan ? "none" : plan.error().message();
}

TEST(Builder, BuildsALayerInOrder) {
  Builder b;
  const Weight table = b.weight(f32("token_embd.weight", 8, 20));
  const Store store =
      b.store({.kind = StoreKind::kv, .head_count = 1, .key_length = 4, .value_length = 4, .window = 0});
  const uint32_t rope = b.rope_settings({.order = RopeOrder::halves,
                                         .head_length = 4,
                                         .rotary_length = 4,
                                         .frequencies = {1, 0.01},
                                         .factors = b.weight(f32("rope_freqs.weight", 2)),
                                         .magnitude = 1});
  const Value x = b.embed(table);
  const Value h = b.rms_norm(x, b.weight(f32("norm", 8)), 1e-5F);
  const Value q = b.rope(b.bias(b.matmul(h, b.weight(f32("q", 8, 8))), b.weight(f32("q.bias", 8))), rope);
  const Value k = b.rope(b.matmul(h, b.weight(f32("k", 8, 4))), rope);
  b.store_kv(store, k, b.matmul(h, b.weight(f32("v", 8, 4))));
  const Value attended = b.attention(q, store, {.head_count = 2, .scale = 0.5F, .sinks = {}});
  const Value y = b.select_rows(b.add(x, b.matmul(attended, b.weight(f32("o", 8, 8)))));
  b.embeddings(y);
  b.logits(b.matmul(y, table));

  const auto plan = std::move(b).build();
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_THAT(
      op_names(*plan),
      testing::ElementsAre("embed", "norm", "matmul", "bias", "rope", "matmul", "rope", "matmul", "store_kv",
                           "attention", "matmul", "add", "select_rows", "matmul", "penalties", "candidates"));
  EXPECT_EQ((*plan)[*plan->logits].columns, 20u);
  EXPECT_EQ((*plan)[*plan->logits].rows, Rows::outputs);
  EXPECT_EQ((*plan)[*plan->embeddings].columns, 8u);
}

// What the seam must be able to say although no architecture of today uses it.
TEST(Builder, BuildsExpertsWindowsSoftCapsSinksAndRings) {
  Builder b;
  const Value x = b.embed(b.weight(f32("token_embd.weight", 8, 20)));
  const Value experts = b.input("experts", Rows::tokens, 1);
  const Store ring =
      b.store({.kind = StoreKind::ring, .head_count = 2, .key_length = 4, .value_length = 2, .window = 6});
  const Value kv = b.matmul(x, b.weight(f32("kv", 8, 8)));
  b.store_kv(ring, kv, b.matmul(x, b.weight(f32("v", 8, 4))));
  const Value attended = b.attention(
      b.matmul(x, b.weight(f32("q", 8, 16))), ring,
      {.head_count = 4, .scale = 1, .window = 5, .soft_cap = 30, .sinks = b.weight(f32("sinks", 4))});
  const Value mixed = b.matmul(attended, b.weight(f32("ffn_exps", 8, 12, 2)), experts);
  const Value capped = b.soft_cap(mixed, 30);
  const auto plan = finish(std::move(b), capped);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ((*plan)[*plan->embeddings].columns, 12u);
  EXPECT_EQ(plan->stores[0].window, 6u);
}

TEST(Builder, KeepsTheFirstMistake) {
  Builder b;
  const Value x = b.embed(b.weight(f32("token_embd.weight", 8, 20)));
  const Value y = b.matmul(x, b.weight(f32("blk.0.ffn_up.weight", 12, 16)));
  const Value z = b.bias(b.rms_norm(y, b.weight(f32("norm", 3)), 1e-5F), b.weight(f32("b", 7)));
  b.add(z, x);
  b.logits(b.soft_cap(b.multiply(z, y), 0));
  const auto plan = std::move(b).build();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code(), ErrorCode::invalid_model);
  EXPECT_EQ(plan.error().message(), "matmul: columns of blk.0.ffn_up.weight is 12, wanted 8");
}

TEST(Builder, RefusesMisshapenWeights) {
  const auto refused = [](const WeightInfo& info) {
    Builder b;
    const Value x = b.embed(b.weight(info));
    return mistake(std::move(b), x);
  };
  EXPECT_EQ(refused(f32("w", 8, 2)), "none");
  EXPECT_EQ(refused(f32("w", 0, 2)), "weight w: number of columns is 0, wanted 1 to 2147483647");
  WeightInfo info = f32("w", 8, 2);
  info.bytes = 60;
  EXPECT_THAT(refused(info), HasSubstr("weight w: size in rows is 1, wanted 2"));
  info = f32("w", 40, 2);
  info.type = quant::Type::q8_0;
  EXPECT_THAT(refused(info), HasSubstr("weight w: columns past the last whole block is 8, wanted 0"));
  info = f32("w", uint64_t{1} << 30, uint64_t{1} << 30);
  info.bytes = 0;
  EXPECT_THAT(refused(info), HasSubstr("weight w: size in rows is 0, wanted 1073741824"));
}

TEST(Builder, RefusesShapesThatDoNotMeet) {
  const auto refused = [](auto&& op) {
    Builder b;
    const Value x = b.embed(b.weight(f32("token_embd.weight", 8, 20)));
    const Value y = op(b, x);
    return mistake(std::move(b), y);
  };
  EXPECT_EQ(refused([](Builder&, Value x) { return x; }), "none");
  EXPECT_EQ(refused([](Builder& b, Value x) { return b.rms_norm(x, b.weight(f32("n", 4)), 0); }),
            "norm: length of n is 4, wanted 8");
  EXPECT_EQ(refused([](Builder& b, Value x) { return b.rms_norm(x, b.weight(f32("n", 2)), 0, 3); }),
            "norm: number of equal groups is 3, wanted 8");
  EXPECT_EQ(refused([](Builder& b, Value x) { return b.bias(x, b.weight(f32("b", 8, 2))); }),
            "bias: number of rows of b is 2, wanted 1");
  EXPECT_EQ(refused([](Builder& b, Value x) { return b.matmul(x, b.weight(f32("e", 8, 8, 2))); }),
            "matmul: experts without an index of e is 2, wanted 1");
  EXPECT_EQ(refused([](Builder& b, Value x) {
              return b.matmul(x, b.weight(f32("e", 8, 8, 2)), b.input("i", Rows::outputs, 1));
            }),
            "matmul: experts of e are i32 [outputs, 1], wanted i32 [tokens, 1]");
  EXPECT_EQ(
      refused([](Builder& b, Value x) { return b.matmul(x, b.weight(f32("e", 8, 8, 3)), b.top_k(x, 2)); }),
      "matmul: experts of e is 3, wanted 8");
  EXPECT_EQ(
      refused([](Builder& b, Value x) { return b.matmul(x, b.weight(f32("e", 3, 8, 9)), b.top_k(x, 2)); }),
      "matmul: columns of e is 3, wanted 8");
  EXPECT_EQ(refused([](Builder& b, Value x) { return b.matmul(x, b.weight(f32("e", 8, 1, 1025))); }),
            "weight e: number of experts is 1025, wanted 1 to 1024");
  EXPECT_EQ(refused([](Builder& b, Value x) { return b.top_k(x, 9); }), "top_k: count is 9, wanted 8");
  EXPECT_EQ(refused([](Builder& b, Value x) {
              return b.router_weights(b.matmul(x, b.weight(f32("w", 8, 4))), b.top_k(x, 2), true);
            }),
            "router_weights: experts of the router is 4, wanted 8");
  EXPECT_EQ(
      refused([](Builder& b, Value x) { return b.weighted_sum(x, b.matmul(x, b.weight(f32("w", 8, 3)))); }),
      "weighted_sum: weights are f32 [tokens, 3] of f32 [tokens, 8]");
  EXPECT_EQ(refused([](Builder& b, Value x) { return b.add(x, b.matmul(x, b.weight(f32("w", 8, 4)))); }),
            "add: b is f32 [tokens, 4], wanted the shape of a, f32 [tokens, 8]");
  EXPECT_EQ(refused([](Builder& b, Value x) { return b.add(x, b.select_rows(x)); }),
            "add: b is f32 [outputs, 8], wanted the shape of a, f32 [tokens, 8]");
  EXPECT_EQ(refused([](Builder& b, Value) { return b.scale(b.input("i", Rows::tokens, 1), 2); }),
            "scale: x is i32 [tokens, 1], wanted f32");
  EXPECT_EQ(refused([](Builder& b, Value x) { return b.soft_cap(x, 0); }),
            "soft_cap: cap is 0, wanted above 0");
  EXPECT_EQ(refused([](Builder& b, Value x) {
              return b.rope(x, b.rope_settings({.order = RopeOrder::halves,
                                                .head_length = 4,
                                                .rotary_length = 4,
                                                .frequencies = {1},
                                                .factors = {},
                                                .magnitude = 1}));
            }),
            "rope: number of frequencies is 1, wanted 2");
  EXPECT_EQ(refused([](Builder& b, Value x) { return b.select_rows(b.select_rows(x)); }),
            "select_rows: x is f32 [outputs, 8], wanted a row per token");
}

TEST(Builder, RefusesStoresThatDoNotFit) {
  const auto refused = [](StoreInfo info, uint32_t window) {
    Builder b;
    const Value x = b.embed(b.weight(f32("token_embd.weight", 8, 20)));
    const Store store = b.store(info);
    b.store_kv(store, x, x);
    const Value y = b.attention(x, store, {.head_count = 2, .scale = 1, .window = window, .sinks = {}});
    return mistake(std::move(b), y);
  };
  const StoreInfo good = {
      .kind = StoreKind::kv, .head_count = 2, .key_length = 4, .value_length = 4, .window = 0};
  EXPECT_EQ(refused(good, 3), "none");
  StoreInfo bad = good;
  bad.key_length = 3;
  EXPECT_EQ(refused(bad, 0), "store_kv: columns of k is 8, wanted 6");
  bad = good;
  bad.window = 4;
  EXPECT_EQ(refused(bad, 0), "store: window is 4, wanted 0");
  bad.kind = StoreKind::ring;
  EXPECT_EQ(refused(bad, 4), "none");
  EXPECT_EQ(refused(bad, 5), "attention: window over a ring is 5, wanted 4");
  EXPECT_EQ(refused(bad, 0), "attention: window over a ring is 0, wanted 4");
  bad = good;
  bad.kind = StoreKind::recurrent;
  EXPECT_EQ(refused(bad, 0), "store_kv: store 0 is recurrent and has no positions");
}

TEST(Builder, RefusesPlansThatAreNotWhole) {
  const auto refused = [](auto&& describe) {
    Builder b;
    const Value x = b.embed(b.weight(f32("token_embd.weight", 8, 20)));
    describe(b, x);
    const auto plan = std::move(b).build();
    return plan ? "none" : plan.error().message();
  };
  EXPECT_EQ(refused([](Builder&, Value) {}), "plan: neither logits nor embeddings are marked");
  EXPECT_EQ(refused([](Builder& b, Value x) { b.logits(x); }),
            "logits: x is f32 [tokens, 8], wanted a row per output");
  EXPECT_EQ(refused([](Builder& b, Value x) {
              b.scale(x, 2);
              b.logits(b.select_rows(x));
            }),
            "plan: nothing uses value 1, the result of scale");
  EXPECT_EQ(refused([](Builder& b, Value x) {
              const Store store = b.store(
                  {.kind = StoreKind::kv, .head_count = 1, .key_length = 8, .value_length = 8, .window = 0});
              b.logits(b.select_rows(b.attention(x, store, {.head_count = 1, .scale = 1, .sinks = {}})));
            }),
            "plan: attention reads store 0 before anything is stored there");
  EXPECT_EQ(refused([](Builder& b, Value x) {
              const Value y = b.select_rows(x);
              b.logits(y);
              b.embeddings(b.scale(y, 2));
            }),
            "plan: scale reads value 1 too early, or after its last use");
  EXPECT_EQ(refused([](Builder& b, Value) { b.logits(b.scale(Value{77}, 2)); }),
            "scale: value 77 does not exist");
}

}  // namespace
}  // namespace chord::plan
