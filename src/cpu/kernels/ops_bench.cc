// Attention over a cache, in multiply-adds and in bytes of keys and values per second, and what a step does
// beside its products, in elements per second; on one thread.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "cpu/kernels/command.h"
#include "cpu/kernels/half.h"
#include "cpu/kernels/variants.h"

namespace chord::cpu::kernels {
namespace {

template <class T>
Address address(const std::vector<T>& items) {
  return static_cast<Address>(reinterpret_cast<uintptr_t>(items.data()));
}

void run_until_done(benchmark::State& state, Run run, const Step& step, const Command& command) {
  while (state.KeepRunning()) {
    run(0, reinterpret_cast<uintptr_t>(&step), reinterpret_cast<uintptr_t>(&command), 0, 1);
    benchmark::ClobberMemory();
  }
}

void count(benchmark::State& state, const char* what, double each) {
  state.counters[what] = benchmark::Counter(each, benchmark::Counter::kIsIterationInvariantRate);
}

std::vector<float> pattern(size_t count) {
  std::vector<float> result(count);
  for (size_t i = 0; i < count; ++i) result[i] = static_cast<float>(i * 7919 % 1009) / 504 - 1;
  return result;
}

// The last `tokens` of `positions`, under the heads of a model.
struct AttentionCase {
  const char* name;
  uint32_t head_count;
  uint32_t key_head_count;
  uint32_t length;
  uint32_t positions;
  uint32_t tokens;
};

// TinyLlama-1.1B, Llama-3-8B and Llama-2-7B.
constexpr AttentionCase kCases[] = {
    {"32_over_4_of_64/decode/1024", 32, 4, 64, 1024, 1},
    {"32_over_4_of_64/decode/8192", 32, 4, 64, 8192, 1},
    {"32_over_4_of_64/prefill/512", 32, 4, 64, 512, 512},
    {"32_over_8_of_128/decode/1024", 32, 8, 128, 1024, 1},
    {"32_over_8_of_128/decode/8192", 32, 8, 128, 8192, 1},
    {"32_over_32_of_128/decode/1024", 32, 32, 128, 1024, 1},
    {"32_over_32_of_128/prefill/512", 32, 32, 128, 512, 512},
};

uint64_t cell_bytes(KvType type, uint32_t length) {
  if (type == KvType::q8_0) return uint64_t{length} / 32 * 34;
  return uint64_t{length} * (type == KvType::f16 ? 2 : 4);
}

void attend(benchmark::State& state, Run run, KvType type, const AttentionCase& shape) {
  const size_t cells = size_t{shape.positions} * shape.key_head_count;
  const uint64_t bytes = cells * cell_bytes(type, shape.length);
  std::vector<uint8_t> keys(bytes);
  std::vector<uint8_t> values(bytes);
  const Cache cache = {.keys = address(keys),
                       .values = address(values),
                       .slot_bytes = bytes,
                       .head_count = shape.key_head_count,
                       .key_length = shape.length,
                       .value_length = shape.length,
                       .cell_count = shape.positions,
                       .type = type,
                       .reserved = 0};
  const std::vector<float> elements = pattern(cells * shape.length);
  Step step = {};
  step.token_count = shape.positions;
  Command command = {.op = Op::store_kv, .meet = 0, .store_kv = {}};
  command.store_kv = {.cache = cache, .k = address(elements), .v = address(elements)};
  run(0, reinterpret_cast<uintptr_t>(&step), reinterpret_cast<uintptr_t>(&command), 0, 1);

  const std::vector<float> q = pattern(size_t{shape.tokens} * shape.head_count * shape.length);
  std::vector<float> out(q.size());
  step.token_count = shape.tokens;
  step.first_position = shape.positions - shape.tokens;
  command = {.op = Op::attention, .meet = 0, .attention = {}};
  command.attention = {.cache = cache,
                       .q = address(q),
                       .out = address(out),
                       .sinks = 0,
                       .head_count = shape.head_count,
                       .window = 0,
                       .scale = 0.1F,
                       .soft_cap = 0,
                       .causal = 1};
  run_until_done(state, run, step, command);
  const double keys_seen = shape.tokens * (step.first_position + (shape.tokens + 1) / 2.0);
  count(state, "MAC", 2 * keys_seen * shape.head_count * shape.length);
  count(state, "bytes", 2 * static_cast<double>(bytes));
}

constexpr uint32_t kTokens = 64;
constexpr uint32_t kColumns = 2048;

void normalize(benchmark::State& state, Run run) {
  const std::vector<float> x = pattern(size_t{kTokens} * kColumns);
  std::vector<float> out(x.size());
  Step step = {};
  step.token_count = kTokens;
  Command command = {.op = Op::norm, .meet = 0, .norm = {}};
  command.norm = {.x = address(x),
                  .weight = address(x),
                  .bias = 0,
                  .out = address(out),
                  .rows = Rows::tokens,
                  .columns = kColumns,
                  .groups = 1,
                  .epsilon = 1e-5F,
                  .layer = 0};
  run_until_done(state, run, step, command);
  count(state, "elements", static_cast<double>(x.size()));
}

void rotate(benchmark::State& state, Run run) {
  constexpr uint32_t kHead = 64;
  std::vector<float> x = pattern(size_t{kTokens} * kColumns);
  const std::vector<float> turns = pattern(size_t{kTokens} * kHead);
  Step step = {};
  step.token_count = kTokens;
  Command command = {.op = Op::rope, .meet = 0, .rope = {}};
  command.rope = {.x = address(x),
                  .out = address(x),
                  .table = address(turns),
                  .head_count = kColumns / kHead,
                  .head_length = kHead,
                  .pair_count = kHead / 2,
                  .halves = 0};
  run_until_done(state, run, step, command);
  count(state, "elements", static_cast<double>(x.size()));
}

void gate(benchmark::State& state, Run run) {
  const std::vector<float> x = pattern(size_t{kTokens} * kColumns);
  std::vector<float> out(x.size());
  Step step = {};
  step.token_count = kTokens;
  Command command = {.op = Op::gated, .meet = 0, .gated = {}};
  command.gated = {.gate = address(x),
                   .up = address(x),
                   .out = address(out),
                   .rows = Rows::tokens,
                   .columns = kColumns,
                   .kind = UnaryKind::silu};
  run_until_done(state, run, step, command);
  count(state, "elements", static_cast<double>(x.size()));
}

void pick(benchmark::State& state, Run run) {
  const std::vector<float> logits = pattern(128256);  // Llama 3's vocabulary
  std::vector<Mailbox> mailboxes(1);
  std::vector<Sampling> sampling(1);
  sampling[0].candidate_count = 40;
  Step step = {};
  step.sampling = address(sampling);
  step.output_count = 1;
  Command command = {.op = Op::candidates, .meet = 0, .candidates = {}};
  command.candidates = {.logits = address(logits),
                        .mailboxes = address(mailboxes),
                        .vocab_size = static_cast<uint32_t>(logits.size())};
  run_until_done(state, run, step, command);
  count(state, "elements", static_cast<double>(logits.size()));
}

[[maybe_unused]] const bool registered = [] {
  constexpr const char* kKvNames[] = {"f16", "f32", "q8_0"};  // by KvType
  for (const Variant& variant : variants()) {
    // The reference computes every score twice in f64: there is nothing to learn from its speed.
    if (!variant.supported() || variant.name == std::string("scalar")) continue;
    const std::string name = variant.name;
    for (const AttentionCase& shape : kCases) {
      for (const KvType type : {KvType::f16, KvType::f32, KvType::q8_0}) {
        std::string full = name + "/attention/";
        full += kKvNames[static_cast<uint32_t>(type)];
        full += '/';
        full += shape.name;
        benchmark::RegisterBenchmark(full.c_str(), attend, variant.run, type, shape);
      }
    }
    benchmark::RegisterBenchmark((name + "/norm").c_str(), normalize, variant.run);
    benchmark::RegisterBenchmark((name + "/rope").c_str(), rotate, variant.run);
    benchmark::RegisterBenchmark((name + "/gated").c_str(), gate, variant.run);
    benchmark::RegisterBenchmark((name + "/candidates").c_str(), pick, variant.run);
  }
  return true;
}();

}  // namespace
}  // namespace chord::cpu::kernels
