// For tests: plans with random weights, and what it takes to run them on a data plane.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "cpu/data_plane.h"
#include "cpu/device.h"
#include "cpu/kernels/command.h"
#include "cpu/native_data_plane.h"
#include "plan/builder.h"
#include "plan/device.h"
#include "plan/plan.h"
#include "quant/encode.h"

namespace chord::cpu {

inline double no_time() {
  return 0;
}

inline constexpr double kForever = std::numeric_limits<double>::infinity();

// A plan and the file that holds its weights.
struct TestModel {
  plan::Plan plan;
  std::vector<std::byte> file;
};

// Makes random weights as a plan asks for them.
class TestWeights {
 public:
  plan::Weight add(plan::Builder& builder, std::string name, uint64_t columns, uint64_t rows = 1,
                   uint64_t experts = 1, quant::Type type = quant::Type::f32) {
    // Rows of about unit length, vectors about 1.
    const bool vector = rows == 1 && experts == 1;
    std::normal_distribution<float> normal(vector ? 1.0F : 0.0F,
                                           vector ? 0.2F : 1 / std::sqrt(static_cast<float>(columns)));
    std::vector<float> weights(columns * rows * experts);
    for (float& weight : weights) weight = normal(random_);
    const uint64_t bytes = quant::bytes_of(type, weights.size());
    const uint64_t offset = (file_.size() + 31) / 32 * 32;
    file_.resize(offset + bytes);
    quant::encode(type, weights, std::span(file_).subspan(offset, bytes));
    return builder.weight({.name = std::move(name),
                           .type = type,
                           .columns = columns,
                           .rows = rows,
                           .experts = experts,
                           .offset = offset,
                           .bytes = bytes});
  }

  TestModel finish(plan::Builder builder) {
    auto plan = std::move(builder).build();
    EXPECT_TRUE(plan) << plan.error().message();
    return {.plan = *std::move(plan), .file = std::move(file_)};
  }

 private:
  std::mt19937 random_{7};
  std::vector<std::byte> file_ = std::vector<std::byte>(40);  // a header
};

inline std::vector<double> rope_frequencies(uint32_t rotary_length) {
  std::vector<double> frequencies;
  frequencies.reserve(rotary_length / 2);
  for (uint32_t i = 0; i < rotary_length / 2; ++i) {
    frequencies.push_back(std::pow(10000.0, -2.0 * i / rotary_length));
  }
  return frequencies;
}

// Two layers with everything that Llama and Qwen have, and tied embeddings: 57 tokens, 24 columns, 4 heads of
// 6 over 2 key heads.
inline TestModel llama_like(quant::Type matrices = quant::Type::f32) {
  constexpr uint32_t kColumns = 24;
  constexpr uint32_t kHead = 6;
  plan::Builder b;
  TestWeights weights;
  const auto matrix = [&](const char* name, uint64_t columns, uint64_t rows) {
    return weights.add(b, name, columns, rows, 1, matrices);
  };
  const plan::Weight table = matrix("token_embd.weight", kColumns, 57);
  const uint32_t rope = b.rope_settings({.order = plan::RopeOrder::adjacent,
                                         .head_length = kHead,
                                         .rotary_length = kHead,
                                         .frequencies = rope_frequencies(kHead),
                                         .factors = weights.add(b, "rope_freqs.weight", kHead / 2),
                                         .magnitude = 1.25F});
  plan::Value x = b.embed(table);
  for (int layer = 0; layer < 2; ++layer) {
    const plan::Store store = b.store({.kind = plan::StoreKind::kv,
                                       .head_count = 2,
                                       .key_length = kHead,
                                       .value_length = kHead,
                                       .window = 0});
    const plan::Value h = b.rms_norm(x, weights.add(b, "attn_norm", kColumns), 1e-5F);
    plan::Value q =
        b.bias(b.matmul(h, matrix("attn_q", kColumns, 4 * kHead)), weights.add(b, "q.bias", 4 * kHead));
    plan::Value k = b.matmul(h, matrix("attn_k", kColumns, 2 * kHead));
    const plan::Value v =
        b.bias(b.matmul(h, matrix("attn_v", kColumns, 2 * kHead)), weights.add(b, "v.bias", 2 * kHead));
    q = b.rope(b.rms_norm(q, weights.add(b, "attn_q_norm", kHead), 1e-6F, 4), rope);
    k = b.rope(b.rms_norm(k, weights.add(b, "attn_k_norm", kHead), 1e-6F, 2), rope);
    b.store_kv(store, k, v);
    const plan::Value attended = b.attention(q, store, {.head_count = 4, .scale = 0.4F, .sinks = {}});
    x = b.add(x, b.matmul(attended, matrix("attn_output", kColumns, kColumns)));
    const plan::Value f = b.rms_norm(x, weights.add(b, "ffn_norm", kColumns), 1e-5F);
    const plan::Value gate =
        b.activation(plan::ActivationKind::silu, b.matmul(f, matrix("ffn_gate", kColumns, 40)));
    const plan::Value up = b.matmul(f, matrix("ffn_up", kColumns, 40));
    x = b.add(x, b.matmul(b.multiply(gate, up), matrix("ffn_down", 40, kColumns)));
  }
  const plan::Value y = b.rms_norm(b.select_rows(x), weights.add(b, "output_norm", kColumns), 1e-5F);
  b.embeddings(y);
  b.logits(b.matmul(y, table));
  return weights.finish(std::move(b));
}

// Two layers of attention and of seven experts, of which a token passes three and one more that all pass.
inline TestModel mixture(quant::Type matrices = quant::Type::f32) {
  constexpr uint32_t kColumns = 32;
  constexpr uint32_t kLength = 64;  // of an expert's feed-forward layer
  constexpr uint32_t kExperts = 7;
  plan::Builder b;
  TestWeights weights;
  const auto matrix = [&](const char* name, uint64_t columns, uint64_t rows, uint64_t experts = 1) {
    return weights.add(b, name, columns, rows, experts, matrices);
  };
  const auto hidden = [&](plan::Value x, plan::Weight gate, plan::Weight up,
                          std::optional<plan::Value> experts = std::nullopt) {
    const plan::Value active = b.activation(plan::ActivationKind::silu, b.matmul(x, gate, experts));
    return b.multiply(active, b.matmul(x, up, experts));
  };
  const plan::Weight table = matrix("token_embd.weight", kColumns, 57);
  plan::Value x = b.embed(table);
  for (int layer = 0; layer < 2; ++layer) {
    const plan::Store store = b.store(
        {.kind = plan::StoreKind::kv, .head_count = 1, .key_length = 32, .value_length = 32, .window = 0});
    b.store_kv(store, b.matmul(x, matrix("k", kColumns, 32)), b.matmul(x, matrix("v", kColumns, 32)));
    x = b.add(x, b.attention(b.matmul(x, matrix("q", kColumns, 32)), store, {.head_count = 1, .scale = 2}));
    if (layer == 1) x = b.select_rows(x);
    const plan::Value h = b.rms_norm(x, weights.add(b, "ffn_norm", kColumns), 1e-5F);
    const plan::Value logits = b.matmul(h, weights.add(b, "router", kColumns, kExperts));
    const plan::Value experts = b.top_k(logits, 3);
    const plan::Value results = b.matmul(hidden(h, matrix("gate", kColumns, kLength, kExperts),
                                                matrix("up", kColumns, kLength, kExperts), experts),
                                         matrix("down", kLength, kColumns, kExperts), experts);
    const plan::Value routed =
        b.weighted_sum(results, b.router_weights(logits, experts, /*normalized=*/layer == 0, 1.5F));
    const plan::Value shared =
        b.matmul(hidden(h, matrix("s_gate", kColumns, 32), matrix("s_up", kColumns, 32)),
                 matrix("s_down", 32, kColumns));
    const plan::Value part =
        b.activation(plan::ActivationKind::sigmoid, b.matmul(h, weights.add(b, "shared_router", kColumns)));
    x = b.add(x, b.add(routed, b.weighted_sum(shared, part)));
  }
  b.embeddings(x);
  b.logits(b.matmul(x, table));
  return weights.finish(std::move(b));
}

// What no architecture of today uses and the seam must be able to say: experts chosen by a step's input,
// rings, windows, soft caps, sinks, partial rotation, value heads of another length, layer norms, plain
// activations, scaling, differing heads by layer.
inline TestModel synthetic() {
  constexpr uint32_t kColumns = 20;
  plan::Builder b;
  TestWeights weights;
  const uint32_t ropes[] = {b.rope_settings({.order = plan::RopeOrder::halves,
                                             .head_length = 8,
                                             .rotary_length = 4,
                                             .frequencies = rope_frequencies(4),
                                             .factors = {},
                                             .magnitude = 1}),
                            b.rope_settings({.order = plan::RopeOrder::adjacent,
                                             .head_length = 10,
                                             .rotary_length = 10,
                                             .frequencies = rope_frequencies(10),
                                             .factors = {},
                                             .magnitude = 1})};
  const plan::Store stores[] = {
      b.store(
          {.kind = plan::StoreKind::ring, .head_count = 3, .key_length = 8, .value_length = 4, .window = 6}),
      b.store(
          {.kind = plan::StoreKind::kv, .head_count = 1, .key_length = 10, .value_length = 12, .window = 0})};
  const plan::Value token_experts = b.input("token_experts", plan::Rows::tokens, 1);
  const plan::Value output_experts = b.input("output_experts", plan::Rows::outputs, 1);
  plan::Value x = b.scale(b.embed(weights.add(b, "token_embd.weight", kColumns, 31)), 4.5F);
  for (int layer = 0; layer < 2; ++layer) {
    const bool ring = layer == 0;
    const uint32_t heads = ring ? 6 : 3;
    const uint32_t key_columns = ring ? 24 : 10;
    const uint32_t value_columns = 12;
    const uint32_t key_length = ring ? 8 : 10;
    const uint32_t value_length = ring ? 4 : 12;
    const plan::Value h =
        b.layer_norm(x, weights.add(b, "norm", kColumns), weights.add(b, "norm.bias", kColumns), 1e-5F);
    const plan::Value q =
        b.rope(b.matmul(h, weights.add(b, "q", kColumns, heads * key_length)), ropes[layer]);
    const plan::Value k = b.rope(b.matmul(h, weights.add(b, "k", kColumns, key_columns)), ropes[layer]);
    b.store_kv(stores[layer], k, b.matmul(h, weights.add(b, "v", kColumns, value_columns)));
    plan::Builder::AttentionSettings settings = {.head_count = heads, .scale = 0.35F, .sinks = {}};
    settings.window = ring ? 5 : 0;
    settings.soft_cap = ring ? 0 : 2.5F;
    if (ring) settings.sinks = weights.add(b, "sinks", heads);
    const plan::Value attended = b.attention(q, stores[layer], settings);
    const plan::Value mixed =
        b.matmul(attended, weights.add(b, "exps", heads * value_length, kColumns, 3), token_experts);
    x = b.add(b.add(mixed, x), b.activation(plan::ActivationKind::gelu, mixed));
  }
  const plan::Value y = b.select_rows(x);
  b.embeddings(b.multiply(y, y));
  b.logits(b.soft_cap(b.matmul(y, weights.add(b, "output", kColumns, 31, 2), output_experts), 3));
  return weights.finish(std::move(b));
}

// Puts the weights in place as a host would, in pieces that are not what was asked for.
inline void load(plan::Device& device, const TestModel& model) {
  for (;;) {
    const auto wanted = device.want();
    ASSERT_TRUE(wanted) << wanted.error().message();
    if (!*wanted) return;
    const plan::PlacementRequest request = **wanted;
    const uint64_t length = std::min<uint64_t>(request.length, 1000);
    ASSERT_LE(request.offset + request.length, model.file.size());
    device.write(request.address, std::span(model.file).subspan(request.offset, length));
    const auto supplied = device.supply(length);
    ASSERT_TRUE(supplied) << supplied.error().message();
  }
}

// A data plane that counts what is asked of it.
class CountingDataPlane final : public DataPlane {
 public:
  explicit CountingDataPlane(std::string_view kernels = {}, uint32_t threads = 1)
      : memory_(*open_native_data_plane(kernels, threads)) {}
  ~CountingDataPlane() override { EXPECT_EQ(live, 0) << "allocations were not released"; }

  Result<uint64_t> allocate(uint64_t bytes) override {
    if (bytes > limit) return fail(ErrorCode::out_of_memory, bytes, " bytes wanted, ", limit, " available");
    ++live;
    return memory_->allocate(bytes);
  }
  void release(uint64_t address) override {
    --live;
    memory_->release(address);
  }
  void write(uint64_t address, std::span<const std::byte> bytes) override {
    ++writes;
    memory_->write(address, bytes);
  }
  void read(uint64_t address, std::span<std::byte> bytes) override {
    ++reads;
    memory_->read(address, bytes);
  }
  Result<void> run(uint64_t step, uint64_t commands, uint32_t begin, uint32_t end) override {
    ++runs;
    const auto* list = std::bit_cast<const kernels::Command*>(static_cast<uintptr_t>(commands));
    commands_run.insert(commands_run.end(), list + begin, list + end);
    return memory_->run(step, commands, begin, end);
  }
  std::string_view kernels() const override { return memory_->kernels(); }
  uint32_t thread_count() const override { return memory_->thread_count(); }

  uint64_t limit = uint64_t{1} << 30;  // of one allocation
  int live = 0;
  int writes = 0;
  int reads = 0;
  int runs = 0;
  std::vector<kernels::Command> commands_run;

 private:
  std::unique_ptr<DataPlane> memory_;
};

// A model on a device, with a session.
struct Running {
  explicit Running(const TestModel& model, std::string_view kernels = {},
                   const plan::ExecutorOptions& options = {.context_length = 40,
                                                           .max_tokens = 16,
                                                           .max_outputs = 16,
                                                           .kv_type = plan::KvType::f32},
                   plan::Clock clock = no_time, uint32_t threads = 1)
      : data_plane(kernels, threads) {
    device = *make_device(model.plan, data_plane, clock);
    load(*device, model);
    auto opened = device->open(options);
    EXPECT_TRUE(opened) << opened.error().message();
    executor = *std::move(opened);
  }

  CountingDataPlane data_plane;
  std::unique_ptr<plan::Device> device;
  std::unique_ptr<plan::Executor> executor;
};

inline void run_step(plan::Executor& executor, const plan::Step& step) {
  const auto begun = executor.begin(step);
  ASSERT_TRUE(begun) << begun.error().message();
  const auto progress = executor.advance(kForever);
  ASSERT_TRUE(progress) << progress.error().message();
  ASSERT_EQ(*progress, plan::Progress::done);
}

inline std::vector<float> logits_of(plan::Executor& executor, const plan::Plan& plan, uint32_t row) {
  std::vector<float> logits(plan[*plan.logits].columns);
  const auto read = executor.read_logits(row, logits);
  EXPECT_TRUE(read) << read.error().message();
  return logits;
}

// Normalised mean squared error.
inline double nmse(const std::vector<float>& seen, const std::vector<double>& wanted) {
  double error = 0;
  double power = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    error += (static_cast<double>(seen[i]) - wanted[i]) * (static_cast<double>(seen[i]) - wanted[i]);
    power += wanted[i] * wanted[i];
  }
  return error / power;
}

}  // namespace chord::cpu
