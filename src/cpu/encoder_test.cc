// Encoders on the CPU: a table of positions, attention over the whole step, embeddings without logits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpu/executor.h"
#include "cpu/kernels/variants.h"
#include "cpu/test_model.h"
#include "plan/interpreter.h"

namespace chord::cpu {
namespace {

constexpr uint32_t kColumns = 24;
constexpr uint32_t kPositions = 20;

// Two post-norm layers, of 57 tokens, 24 columns and 4 heads of 6.
TestModel bert_like() {
  constexpr uint32_t kHead = 6;
  plan::Builder b;
  TestWeights weights;
  const auto norm = [&](plan::Value x) {
    return b.layer_norm(x, weights.add(b, "norm", kColumns), weights.add(b, "norm.bias", kColumns), 1e-6F);
  };
  const auto product = [&](plan::Value x, uint64_t columns, uint64_t rows) {
    return b.bias(b.matmul(x, weights.add(b, "matrix", columns, rows)), weights.add(b, "bias", rows));
  };
  plan::Value x = b.embed(weights.add(b, "token_embd.weight", kColumns, 57));
  x = b.bias(x, weights.add(b, "token_types.weight", kColumns));
  x = norm(b.add(
      x, b.embed(weights.add(b, "position_embd.weight", kColumns, kPositions), plan::EmbedBy::position)));
  for (int layer = 0; layer < 2; ++layer) {
    const plan::Store store = b.store({.kind = plan::StoreKind::kv,
                                       .head_count = 4,
                                       .key_length = kHead,
                                       .value_length = kHead,
                                       .window = 0});
    const plan::Value q = product(x, kColumns, kColumns);
    b.store_kv(store, product(x, kColumns, kColumns), product(x, kColumns, kColumns));
    plan::Value y = b.attention(q, store, {.head_count = 4, .scale = 0.4F, .sinks = {}, .causal = false});
    if (layer == 1) {
      x = b.select_rows(x);
      y = b.select_rows(y);
    }
    x = norm(b.add(x, product(y, kColumns, kColumns)));
    x = norm(
        b.add(x, product(b.activation(plan::ActivationKind::gelu, product(x, kColumns, 40)), 40, kColumns)));
  }
  b.embeddings(x);
  return weights.finish(std::move(b));
}

constexpr plan::ExecutorOptions kEncoderOptions = {
    .context_length = 32, .max_tokens = 32, .max_outputs = 32, .kv_type = plan::KvType::f32};

std::vector<float> embedding_of(plan::Executor& executor, uint32_t row) {
  std::vector<float> embedding(kColumns);
  const auto read = executor.read_embedding(row, embedding);
  EXPECT_TRUE(read) << read.error().message();
  return embedding;
}

TEST(CpuEncoder, ComputesWhatItsPlanSays) {
  const TestModel model = bert_like();
  const std::vector<int32_t> tokens = {1, 56, 0, 7, 7, 22, 41, 9, 13};
  const std::vector<uint32_t> rows = {0, 3, 8};
  for (const kernels::Variant& variant : kernels::variants()) {
    if (!variant.supported()) continue;
    SCOPED_TRACE(variant.name);
    Running running(model, variant.name, kEncoderOptions);
    plan::Interpreter reference(model.plan, model.file);
    // Nothing of the text before is seen.
    for (const size_t count : {9, 5, 1}) {
      const auto wanted = std::span(rows).first(count == 9 ? 3 : 1);
      const plan::Step step = {.tokens = std::span(tokens).first(count),
                               .first_position = 0,
                               .output_rows = wanted,
                               .sampling = {},
                               .embeddings_only = true};
      run_step(*running.executor, step);
      reference.run(step);
      for (uint32_t row = 0; row < wanted.size(); ++row) {
        EXPECT_LT(nmse(embedding_of(*running.executor, row), reference.embeddings()[row]), 1e-11);
      }
    }
  }
}

TEST(CpuEncoder, LetsTheFirstTokenSeeTheLast) {
  const TestModel model = bert_like();
  Running running(model, {}, kEncoderOptions);
  const std::vector<uint32_t> rows = {0};
  const auto first_of = [&](const std::vector<int32_t>& tokens) {
    run_step(*running.executor, {.tokens = tokens, .first_position = 0, .output_rows = rows, .sampling = {}});
    return embedding_of(*running.executor, 0);
  };
  EXPECT_NE(first_of({1, 2, 3, 4}), first_of({1, 2, 3, 5}));
  EXPECT_NE(first_of({1, 2, 3, 4}), first_of({1, 3, 2, 4}));
}

TEST(CpuEncoder, RefusesPositionsThatTheTableLacks) {
  const TestModel model = bert_like();
  Running running(model, {}, kEncoderOptions);
  const std::vector<int32_t> tokens(kPositions + 1, 3);
  const auto begun =
      running.executor->begin({.tokens = tokens, .first_position = 0, .output_rows = {}, .sampling = {}});
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code(), ErrorCode::context_overflow);
  EXPECT_THAT(begun.error().message(), testing::HasSubstr("position 21, the context at 20"));
}

// Mailboxes of candidates would be two kilobytes a row.
TEST(CpuEncoder, TakesNoMemoryForCandidates) {
  const TestModel model = bert_like();
  const auto bytes = [&](uint32_t outputs) {
    plan::ExecutorOptions options = kEncoderOptions;
    options.max_outputs = outputs;
    return session_bytes(model.plan, options)->scratch;
  };
  EXPECT_LT(bytes(32) - bytes(1), 32 * 1000);
}

TEST(CpuDevice, ComputesNoLogitsWhereOnlyEmbeddingsAreWanted) {
  const TestModel model = llama_like();
  const std::vector<int32_t> tokens = {1, 2, 3, 4};
  const std::vector<uint32_t> rows = {0, 3};
  Running running(model);
  plan::Step step = {.tokens = tokens, .first_position = 0, .output_rows = rows, .sampling = {}};
  run_step(*running.executor, step);
  const std::vector<float> wanted = embedding_of(*running.executor, 1);
  const size_t all = std::exchange(running.data_plane.commands_run, {}).size();
  step.embeddings_only = true;
  run_step(*running.executor, step);
  EXPECT_EQ(embedding_of(*running.executor, 1), wanted);
  EXPECT_EQ(running.data_plane.commands_run.size(), all - 3);  // the product, penalties, candidates

  const plan::SamplingInputs sampling[2] = {};
  step.sampling = sampling;
  const auto begun = running.executor->begin(step);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code(), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace chord::cpu
