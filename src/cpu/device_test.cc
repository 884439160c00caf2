#include "cpu/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cpu/kernels/variants.h"
#include "cpu/test_model.h"
#include "plan/interpreter.h"

namespace chord::cpu {
namespace {

using plan::Step;

std::vector<std::string> variant_names() {
  std::vector<std::string> names;
  for (const kernels::Variant& variant : kernels::variants()) {
    if (variant.supported()) names.emplace_back(variant.name);
  }
  return names;
}

// Runs a step on both, and compares everything that can be read.
void compare(Running& running, plan::Interpreter& reference, const plan::Plan& plan, const Step& step,
             double tolerance) {
  run_step(*running.executor, step);
  reference.run(step);
  for (uint32_t row = 0; row < step.output_rows.size(); ++row) {
    const std::vector<float> logits = logits_of(*running.executor, plan, row);
    EXPECT_LT(nmse(logits, reference.logits()[row]), tolerance);
    std::vector<float> embedding(plan[*plan.embeddings].columns);
    ASSERT_TRUE(running.executor->read_embedding(row, embedding));
    EXPECT_LT(nmse(embedding, reference.embeddings()[row]), tolerance);
    if (step.sampling.empty()) continue;

    const auto list = running.executor->candidates(row);
    ASSERT_TRUE(list) << list.error().message();
    std::vector<int32_t> ids(logits.size());
    for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int32_t>(i);
    std::ranges::sort(ids, {}, [&](int32_t id) { return std::pair(-logits[static_cast<size_t>(id)], id); });
    ASSERT_EQ(list->largest.size(), std::min<size_t>(step.sampling[row].candidate_count, ids.size()));
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
    for (size_t i = 0; i < list->largest.size(); ++i) {
      EXPECT_EQ(list->largest[i].token, ids[i]);
      EXPECT_EQ(list->largest[i].logit, logits[static_cast<size_t>(ids[i])]);
    }
    EXPECT_NEAR(list->log_sum_exp, std::log(sum), 1e-6);
  }
}

class Variant : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, Variant, testing::ValuesIn(variant_names()), [](const auto& name) {
  std::string clean = name.param;
  std::ranges::replace_if(clean, [](char c) { return c == '-'; }, '_');
  return clean;
});

TEST_P(Variant, ComputesALlama) {
  const TestModel model = llama_like();
  Running running(model, GetParam());
  EXPECT_EQ(running.device->kernels(), GetParam());
  plan::Interpreter reference(model.plan, model.file);

  const std::vector<int32_t> prompt = {1, 56, 0, 7, 7, 22, 41, 9, 13};
  const std::vector<uint32_t> rows = {0, 3, 8};
  compare(running, reference, model.plan,
          {.tokens = prompt, .first_position = 0, .output_rows = rows, .sampling = {}}, 1e-11);
  const std::vector<uint32_t> first = {0};
  const plan::SamplingInputs sampling = {.candidate_count = 10,
                                         .repetition_penalty = 1.3F,
                                         .frequency_penalty = 0.2F,
                                         .presence_penalty = 0.1F,
                                         .penalized = {{7, 2}, {56, 1}, {1, 3}},
                                         .biases = {{4, 2.5F}, {30, -1.0F}}};
  for (uint32_t position = 9; position < 14; ++position) {
    const int32_t token = static_cast<int32_t>(position * 5 % 57);
    compare(
        running, reference, model.plan,
        {.tokens = {&token, 1}, .first_position = position, .output_rows = first, .sampling = {&sampling, 1}},
        1e-11);
  }
  // Back to position 3: what came after it is forgotten.
  compare(running, reference, model.plan,
          {.tokens = std::span(prompt).first(4), .first_position = 3, .output_rows = first, .sampling = {}},
          1e-11);
}

TEST_P(Variant, ComputesAMixtureOfExperts) {
  const TestModel model = mixture();
  Running running(model, GetParam());
  plan::Interpreter reference(model.plan, model.file);
  const std::vector<int32_t> tokens = {1, 49, 0, 7, 7, 22, 41, 9, 13};
  const std::vector<uint32_t> rows = {0, 3, 7};
  compare(running, reference, model.plan,
          {.tokens = std::span(tokens).first(8), .first_position = 0, .output_rows = rows, .sampling = {}},
          1e-11);
  compare(running, reference, model.plan,
          {.tokens = std::span(tokens).last(1),
           .first_position = 8,
           .output_rows = std::span(rows).first(1),
           .sampling = {}},
          1e-11);
}

TEST_P(Variant, ComputesWhatOnlyASyntheticPlanSays) {
  const TestModel model = synthetic();
  constexpr plan::ExecutorOptions kOptions = {
      .context_length = 40, .max_tokens = 5, .max_outputs = 3, .kv_type = plan::KvType::f32};
  Running running(model, GetParam(), kOptions);
  plan::Interpreter reference(model.plan, model.file);
  const std::vector<int32_t> tokens = {3, 30, 4, 14, 15, 9, 26, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4};
  const std::vector<int32_t> token_experts = {2, 0, 1, 1, 0};
  const std::vector<int32_t> output_experts = {1, 0, 1};
  const auto compare_step = [&](Running& with, size_t position, size_t count) {
    const std::vector<uint32_t> rows = count == 1 ? std::vector<uint32_t>{0} : std::vector<uint32_t>{0, 1};
    const plan::NamedInput inputs[] = {
        {.name = "output_experts", .values = std::span(output_experts).first(rows.size())},
        {.name = "token_experts", .values = std::span(token_experts).first(count)}};
    const plan::SamplingInputs one = {.candidate_count = 40, .penalized = {}, .biases = {}};
    const std::vector<plan::SamplingInputs> sampling(rows.size(), one);
    EXPECT_TRUE(with.executor->holds(static_cast<uint32_t>(position)));
    compare(with, reference, model.plan,
            {.tokens = std::span(tokens).subspan(position, count),
             .first_position = static_cast<uint32_t>(position),
             .output_rows = rows,
             .sampling = sampling,
             .inputs = inputs},
            1e-10);
  };
  size_t position = 0;
  for (const size_t count : {5, 1, 3, 5, 2, 1, 2}) {  // the ring of 6 + 5 cells wraps
    compare_step(running, position, count);
    position += count;
  }
  // As far back as it can go.
  EXPECT_FALSE(running.executor->holds(13));
  compare_step(running, 14, 5);

  std::vector<std::byte> image(static_cast<size_t>(running.executor->image_bytes(19)));
  plan::ImageCopy copy = {.positions = 19, .offset = 0, .bytes = image, .to_stores = false};
  ASSERT_TRUE(running.executor->copy_image(copy));
  Running restored(model, GetParam(), kOptions);
  copy.to_stores = true;
  ASSERT_TRUE(restored.executor->copy_image(copy));
  EXPECT_FALSE(restored.executor->holds(17));
  compare_step(restored, 18, 1);
}

TEST_P(Variant, KeepsKeysAndValuesInEveryType) {
  // Heads of 32, so that a Q8_0 block fits.
  plan::Builder b;
  TestWeights weights;
  const plan::Value x = b.embed(weights.add(b, "token_embd.weight", 64, 50));
  const plan::Store store = b.store(
      {.kind = plan::StoreKind::kv, .head_count = 1, .key_length = 32, .value_length = 64, .window = 0});
  b.store_kv(store, b.matmul(x, weights.add(b, "k", 64, 32)), x);
  const plan::Value attended = b.attention(b.matmul(x, weights.add(b, "q", 64, 64)), store,
                                           {.head_count = 2, .scale = 3, .sinks = {}});
  const plan::Value y = b.select_rows(attended);
  b.embeddings(y);
  b.logits(b.matmul(y, weights.add(b, "output", 128, 50)));
  const TestModel model = weights.finish(std::move(b));

  const std::vector<int32_t> tokens = {5, 8, 2, 40, 17, 33, 1};
  const std::vector<uint32_t> rows = {0, 6};
  const std::pair<plan::KvType, double> types[] = {
      {plan::KvType::f32, 1e-11}, {plan::KvType::f16, 1e-6}, {plan::KvType::q8_0, 1e-3}};
  uint64_t bytes = UINT64_MAX;
  for (const auto& [type, tolerance] : types) {
    Running running(model, GetParam(),
                    {.context_length = 16, .max_tokens = 8, .max_outputs = 8, .kv_type = type});
    plan::Interpreter reference(model.plan, model.file);
    compare(running, reference, model.plan,
            {.tokens = tokens, .first_position = 0, .output_rows = rows, .sampling = {}}, tolerance);
    if (type == plan::KvType::f32) EXPECT_EQ(running.executor->store_bytes(), 16u * (32 + 64) * 4);
    if (type == plan::KvType::q8_0) EXPECT_LT(running.executor->store_bytes(), bytes);
    bytes = running.executor->store_bytes();
  }
}

// docs/architecture.md, Determinism: bits do not depend on how steps were cut.
TEST_P(Variant, GivesTheSameBitsInChunksAndOneByOne) {
  for (const TestModel& model : {llama_like(), llama_like(quant::Type::f16), mixture(),
                                 mixture(quant::Type::bf16), mixture(quant::Type::q8_0)}) {
    const std::vector<int32_t> tokens = {9, 8, 7, 6, 50, 40, 30, 20, 10, 0, 11, 12, 13};
    const auto logits_after = [&](size_t chunk) {
      Running running(model, GetParam());
      std::vector<float> logits;
      for (size_t position = 0; position < tokens.size(); position += chunk) {
        const size_t count = std::min(chunk, tokens.size() - position);
        const std::vector<uint32_t> last = {static_cast<uint32_t>(count - 1)};
        run_step(*running.executor, {.tokens = std::span(tokens).subspan(position, count),
                                     .first_position = static_cast<uint32_t>(position),
                                     .output_rows = last,
                                     .sampling = {}});
        logits = logits_of(*running.executor, model.plan, 0);
      }
      return logits;
    };
    const std::vector<float> one_by_one = logits_after(1);
    for (const size_t chunk : {2, 4, 5, 13}) EXPECT_EQ(logits_after(chunk), one_by_one) << chunk;
  }
}

// A clock that moves on by a second whenever it is read.
double slow_time() {
  static double now = 0;
  return now += 1000;
}

TEST(CpuDevice, StopsBetweenOpsAndGoesOn) {
  const TestModel model = llama_like();
  const std::vector<int32_t> tokens = {1, 2, 3, 4, 5, 6, 7, 8};
  const std::vector<uint32_t> rows = {7};
  const Step step = {.tokens = tokens, .first_position = 0, .output_rows = rows, .sampling = {}};
  Running whole(model);
  run_step(*whole.executor, step);

  Running cut(model, {},
              {.context_length = 40, .max_tokens = 16, .max_outputs = 1, .kv_type = plan::KvType::f32},
              slow_time);
  // The first steps teach it that this machine is slow.
  for (int round = 0; round < 8; ++round) {
    ASSERT_TRUE(cut.executor->begin(step));
    const int before = cut.data_plane.runs;
    int advances = 1;
    while (*cut.executor->advance(0) == plan::Progress::working) ++advances;
    EXPECT_EQ(cut.data_plane.runs - before, advances) << "one slice for each call with no time";
    if (round == 7) EXPECT_GT(advances, 3);
    EXPECT_EQ(logits_of(*cut.executor, model.plan, 0), logits_of(*whole.executor, model.plan, 0));
  }
}

// Ops with more work than a slow machine does in a few milliseconds; one adds to its own operand.
TestModel wide() {
  plan::Builder b;
  TestWeights weights;
  const plan::Weight table = weights.add(b, "token_embd.weight", 256, 600);
  plan::Value x = b.embed(table);
  x = b.add(x, b.matmul(x, weights.add(b, "w", 256, 256)));
  const plan::Value y = b.select_rows(x);
  b.embeddings(y);
  b.logits(b.matmul(y, table));
  return weights.finish(std::move(b));
}

TEST_P(Variant, StopsWithinLongOps) {
  const TestModel model = wide();
  const std::vector<int32_t> tokens = {1, 2, 3};
  const std::vector<uint32_t> rows = {2};
  const Step step = {.tokens = tokens, .first_position = 0, .output_rows = rows, .sampling = {}};
  Running whole(model, GetParam());
  run_step(*whole.executor, step);
  const size_t commands = whole.data_plane.commands_run.size();

  for (const uint32_t threads : {1U, 3U}) {
    Running cut(model, GetParam(),
                {.context_length = 40, .max_tokens = 16, .max_outputs = 1, .kv_type = plan::KvType::f32},
                slow_time, threads);
    size_t advances = 0;
    for (int round = 0; round < 8; ++round) {
      ASSERT_TRUE(cut.executor->begin(step));
      advances = 1;
      while (*cut.executor->advance(0) == plan::Progress::working) ++advances;
      EXPECT_EQ(logits_of(*cut.executor, model.plan, 0), logits_of(*whole.executor, model.plan, 0));
    }
    EXPECT_GT(advances, commands + 4);

    // What follows a step that was given up within an op is whole again.
    ASSERT_TRUE(cut.executor->begin(step));
    for (size_t i = 0; i + 2 < advances; ++i) EXPECT_EQ(*cut.executor->advance(0), plan::Progress::working);
    cut.executor->abandon();
    run_step(*cut.executor, step);
    EXPECT_EQ(logits_of(*cut.executor, model.plan, 0), logits_of(*whole.executor, model.plan, 0));
  }
}

TEST(CpuDevice, NeedsOneWriteOneRunAndOneReadForAToken) {
  const TestModel model = llama_like();
  Running running(model);
  const std::vector<uint32_t> rows = {0};
  plan::SamplingInputs sampling = {.candidate_count = 5, .penalized = {}, .biases = {}};
  for (int32_t token = 0; token < 57; ++token) {
    sampling.penalized.push_back({token, 1});
    sampling.biases.push_back({token, 0.5F});
  }
  for (int32_t token = 0; token < 3; ++token) {
    running.data_plane.writes = running.data_plane.runs = running.data_plane.reads = 0;
    run_step(*running.executor, {.tokens = {&token, 1},
                                 .first_position = static_cast<uint32_t>(token),
                                 .output_rows = rows,
                                 .sampling = {&sampling, 1}});
    ASSERT_TRUE(running.executor->candidates(0));
    EXPECT_EQ(running.data_plane.writes, 1);
    EXPECT_EQ(running.data_plane.runs, 1);
    EXPECT_EQ(running.data_plane.reads, 1);
  }
}

TEST(CpuDevice, MakesRoomForLongPenaltyLists) {
  const TestModel model = llama_like();
  Running running(model);
  plan::Interpreter reference(model.plan, model.file);
  const int32_t token = 3;
  const std::vector<uint32_t> rows = {0};
  plan::SamplingInputs sampling = {
      .candidate_count = 5, .frequency_penalty = 0.01F, .penalized = {}, .biases = {}};
  for (int32_t i = 0; i < 3000; ++i) sampling.penalized.push_back({i % 57, 1});
  const uint64_t before = running.executor->scratch_bytes();
  compare(running, reference, model.plan,
          {.tokens = {&token, 1}, .first_position = 0, .output_rows = rows, .sampling = {&sampling, 1}},
          1e-10);
  EXPECT_GT(running.executor->scratch_bytes(), before);
}

TEST(CpuDevice, ComputesNoOutputsWhereNoneAreWanted) {
  const TestModel model = llama_like();
  const std::vector<int32_t> tokens = {1, 2, 3, 4};
  const std::vector<uint32_t> last = {3};
  const std::vector<uint32_t> first = {0};
  Running at_once(model);
  run_step(*at_once.executor, {.tokens = tokens, .first_position = 0, .output_rows = last, .sampling = {}});
  Running split(model);
  run_step(*split.executor,
           {.tokens = std::span(tokens).first(3), .first_position = 0, .output_rows = {}, .sampling = {}});
  std::vector<float> logits(57);
  EXPECT_FALSE(split.executor->read_logits(0, logits));
  run_step(*split.executor,
           {.tokens = std::span(tokens).last(1), .first_position = 3, .output_rows = first, .sampling = {}});
  EXPECT_EQ(logits_of(*split.executor, model.plan, 0), logits_of(*at_once.executor, model.plan, 0));
}

TEST(CpuDevice, AbandonsAStep) {
  const TestModel model = llama_like();
  Running running(model, {},
                  {.context_length = 40, .max_tokens = 8, .max_outputs = 8, .kv_type = plan::KvType::f32},
                  slow_time);
  const std::vector<int32_t> tokens = {1, 2, 3, 4};
  const std::vector<uint32_t> rows = {3};
  const Step step = {.tokens = tokens, .first_position = 0, .output_rows = rows, .sampling = {}};
  for (int i = 0; i < 8; ++i) run_step(*running.executor, step);  // it learns that this machine is slow
  const std::vector<float> wanted = logits_of(*running.executor, model.plan, 0);
  ASSERT_TRUE(running.executor->begin(step));
  ASSERT_EQ(*running.executor->advance(0), plan::Progress::working);
  const auto second = running.executor->begin(step);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::busy);
  running.executor->abandon();
  std::vector<float> logits(57);
  EXPECT_FALSE(running.executor->read_logits(0, logits));
  EXPECT_FALSE(running.executor->advance(0));
  run_step(*running.executor, step);
  EXPECT_EQ(logits_of(*running.executor, model.plan, 0), wanted);
}

TEST(CpuDevice, RefusesStepsThatAreOutOfBounds) {
  const TestModel model = llama_like();
  Running running(model, {},
                  {.context_length = 12, .max_tokens = 4, .max_outputs = 2, .kv_type = plan::KvType::f32});
  const auto refused = [&](const Step& step) {
    const auto begun = running.executor->begin(step);
    if (begun) running.executor->abandon();
    return begun ? "none" : concat(name(begun.error().code()), ": ", begun.error().message());
  };
  const std::vector<int32_t> tokens = {1, 2, 3, 4, 5};
  const std::vector<uint32_t> rows = {0, 2, 3};
  const Step good = {.tokens = std::span(tokens).first(4),
                     .first_position = 8,
                     .output_rows = std::span(rows).last(2),
                     .sampling = {}};
  EXPECT_EQ(refused(good), "none");

  Step bad = good;
  bad.tokens = tokens;
  EXPECT_EQ(refused(bad), "invalid_argument: a step of 5 tokens, wanted 1 to 4");
  bad.tokens = {};
  EXPECT_EQ(refused(bad), "invalid_argument: a step of 0 tokens, wanted 1 to 4");
  for (const int32_t token : {-1, 57, INT32_MIN, INT32_MAX}) {
    const int32_t ids[] = {0, token, 0, 0};
    bad.tokens = ids;
    EXPECT_EQ(refused(bad), concat("invalid_argument: token ", token, " is outside 0 to 56"));
  }
  bad = good;
  bad.first_position = 9;
  EXPECT_EQ(refused(bad), "context_overflow: a step ends at position 13, the context at 12");
  bad.first_position = UINT32_MAX;
  EXPECT_THAT(refused(bad), testing::HasSubstr("context_overflow"));
  bad = good;
  bad.slot = 1;
  EXPECT_EQ(refused(bad), "invalid_argument: slot 1 does not exist; there is 1");
  bad = good;
  bad.output_rows = rows;
  EXPECT_EQ(refused(bad), "invalid_argument: 3 output rows, wanted at most 2");
  for (const auto& pair : {std::vector<uint32_t>{2, 2}, {3, 1}, {0, 4}}) {
    bad.output_rows = pair;
    EXPECT_THAT(refused(bad), testing::HasSubstr("rows ascend and are rows of the step"));
  }

  std::vector<plan::SamplingInputs> sampling(2);
  bad = good;
  bad.sampling = std::span(sampling).first(1);
  EXPECT_EQ(refused(bad), "invalid_argument: 1 sampling inputs for 2 output rows");
  bad.sampling = sampling;
  EXPECT_EQ(refused(bad), "none");
  sampling[1].candidate_count = 257;
  EXPECT_EQ(refused(bad), "invalid_argument: 257 candidates, wanted at most 256");
  sampling[1] = {};
  sampling[1].repetition_penalty = 0;
  EXPECT_EQ(refused(bad), "invalid_argument: repetition penalty 0, wanted above 0");
  sampling[1] = {};
  sampling[1].penalized = {{57, 1}};
  EXPECT_EQ(refused(bad), "invalid_argument: penalized token 57 is outside 0 to 56");
  sampling[1] = {};
  sampling[1].biases = {{-3, 1}};
  EXPECT_EQ(refused(bad), "invalid_argument: biased token -3 is outside 0 to 56");
}

TEST(CpuDevice, RefusesInputsThatDoNotFit) {
  const TestModel model = synthetic();
  Running running(model);
  const std::vector<int32_t> tokens = {1, 2};
  const std::vector<uint32_t> rows = {1};
  const auto refused = [&](std::vector<plan::NamedInput> inputs) {
    const auto begun = running.executor->begin(
        {.tokens = tokens, .first_position = 0, .output_rows = rows, .sampling = {}, .inputs = inputs});
    if (begun) running.executor->abandon();
    return begun ? "none" : begun.error().message();
  };
  const std::vector<int32_t> values = {0, 2, 3};
  const plan::NamedInput outputs = {.name = "output_experts", .values = std::span(values).first(1)};
  const plan::NamedInput good = {.name = "token_experts", .values = std::span(values).first(2)};
  EXPECT_EQ(refused({outputs, good}), "none");
  EXPECT_EQ(refused({outputs}), "input token_experts is missing");
  EXPECT_EQ(refused({outputs, {.name = "token_experts", .values = values}}),
            "input token_experts has 3 values, wanted 2");
  EXPECT_EQ(refused({outputs, {.name = "token_experts", .values = std::span(values).last(2)}}),
            "token_experts 3 is outside 0 to 2");
  EXPECT_EQ(refused({outputs, good, {.name = "x", .values = {}}}), "3 inputs, wanted 2");
}

TEST(CpuDevice, RefusesToReadWhatIsNotThere) {
  const TestModel model = llama_like();
  Running running(model);
  const int32_t token = 1;
  const std::vector<uint32_t> rows = {0};
  run_step(*running.executor,
           {.tokens = {&token, 1}, .first_position = 0, .output_rows = rows, .sampling = {}});
  std::vector<float> logits(57);
  EXPECT_TRUE(running.executor->read_logits(0, logits));
  EXPECT_EQ(running.executor->read_logits(1, logits).error().message(), "output row 1 of a step with 1");
  EXPECT_EQ(running.executor->read_logits(0, std::span(logits).first(56)).error().message(),
            "room for 56 logits, wanted 57");
  EXPECT_EQ(running.executor->candidates(0).error().message(),
            "the step had no sampling inputs, so it has no candidates");
}

TEST(CpuDevice, RefusesASessionBeforeTheWeights) {
  const TestModel model = llama_like();
  CountingDataPlane data_plane;
  const auto device = *make_device(model.plan, data_plane, no_time);
  const auto opened =
      device->open({.context_length = 8, .max_tokens = 8, .max_outputs = 8, .kv_type = plan::KvType::f16});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message(), "the weights from byte 64 of the file on are not in place yet");
}

TEST(CpuDevice, RefusesSessionsThatCannotBe) {
  const TestModel model = llama_like();
  Running running(model);
  const auto refused = [&](const plan::ExecutorOptions& options) {
    const auto opened = running.device->open(options);
    return opened ? "none" : concat(name(opened.error().code()), ": ", opened.error().message());
  };
  const plan::ExecutorOptions good = {
      .context_length = 8, .max_tokens = 64, .max_outputs = 64, .kv_type = plan::KvType::f16};
  EXPECT_EQ(refused(good), "none");
  plan::ExecutorOptions bad = good;
  bad.kv_type = plan::KvType::q8_0;
  EXPECT_THAT(refused(bad),
              testing::HasSubstr("invalid_argument: heads of 6 elements cannot be kept as Q8_0"));
  bad = good;
  bad.context_length = 0;
  EXPECT_THAT(refused(bad), testing::HasSubstr("all must be at least 1"));
  bad = good;
  bad.context_length = UINT32_MAX;
  EXPECT_THAT(
      refused(bad),
      testing::MatchesRegex(
          "out_of_memory: KV cache of 4294967295 positions: [0-9]+ bytes wanted, 1073741824 available"));
  bad = good;
  bad.context_length = 1000000;
  bad.max_tokens = bad.max_outputs = 1000000;
  EXPECT_THAT(refused(bad), testing::HasSubstr("out_of_memory: scratch memory: "));
}

TEST(CpuDevice, SaysThatTheWeightsDoNotFit) {
  const TestModel model = llama_like();
  CountingDataPlane data_plane;
  data_plane.limit = 1000;
  const auto device = make_device(model.plan, data_plane, no_time);
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code(), ErrorCode::out_of_memory);
  EXPECT_THAT(device.error().message(),
              testing::MatchesRegex("weights: [0-9]+ bytes wanted, 1000 available"));
}

}  // namespace
}  // namespace chord::cpu
