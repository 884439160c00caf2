// Matrix products on one thread by type and variant, in multiply-adds and in bytes of weights per second: one
// token with weights in the cache and in memory, and the tokens of a prompt.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <vector>

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/command.h"
#include "cpu/kernels/layout.h"
#include "cpu/kernels/variants.h"

namespace chord::cpu::kernels {
namespace {

struct NamedType {
  const char* name;
  Type type;
};

constexpr NamedType kTypes[] = {
    {"F32", Type::f32},   {"F16", Type::f16},       {"BF16", Type::bf16},     {"Q4_0", Type::q4_0},
    {"Q4_1", Type::q4_1}, {"Q5_0", Type::q5_0},     {"Q5_1", Type::q5_1},     {"Q8_0", Type::q8_0},
    {"Q2_K", Type::q2_k}, {"Q3_K", Type::q3_k},     {"Q4_K", Type::q4_k},     {"Q5_K", Type::q5_k},
    {"Q6_K", Type::q6_k}, {"IQ4_NL", Type::iq4_nl}, {"IQ4_XS", Type::iq4_xs},
};

constexpr uint32_t kColumns = 2048;
constexpr uint32_t kCachedRows = 512;
constexpr uint64_t kMemoryBytes = 160 << 20;  // more than any cache holds

template <class T>
Address address(const T* pointer) {
  return static_cast<Address>(reinterpret_cast<uintptr_t>(pointer));
}

uint32_t rows_of(Type type, bool cached) {
  if (cached) return kCachedRows;
  return static_cast<uint32_t>(kMemoryBytes / panel_bytes(type, kColumns)) * panel_rows(type);
}

// Activations as the type's products want them.
std::vector<uint8_t> activations(Run run, Type type, uint32_t tokens) {
  const std::vector<float> x(size_t{tokens} * kColumns, 1.0F);
  const Quantization quantization = quantization_of(type);
  const uint64_t bytes =
      quantization == Quantization::none ? kColumns * sizeof(float) : quantized_bytes(quantization, kColumns);
  std::vector<uint8_t> result(tokens * bytes);
  if (quantization == Quantization::none) {
    std::memcpy(result.data(), x.data(), result.size());
    return result;
  }
  Step step = {};
  step.token_count = tokens;
  Command command = {.op = Op::quantize, .meet = 0, .quantize = {}};
  command.quantize = {.x = address(x.data()),
                      .out = address(result.data()),
                      .rows = Rows::tokens,
                      .columns = kColumns,
                      .choices = 1,
                      .quantization = quantization};
  run(0, address(&step), address(&command), 0, 1);
  return result;
}

void multiply(benchmark::State& state, Run run, Type type, uint32_t tokens, bool cached) {
  const uint32_t rows = rows_of(type, cached);
  // Zero blocks take as long as others.
  const std::vector<uint8_t> weights(packed_bytes(type, kColumns, rows));
  const std::vector<uint8_t> x = activations(run, type, tokens);
  std::vector<float> out(size_t{tokens} * rows);
  Command command = {.op = Op::matmul, .meet = 0, .matmul = {}};
  command.matmul = {.x = address(x.data()),
                    .w = address(weights.data()),
                    .out = address(out.data()),
                    .bias = 0,
                    .residual = 0,
                    .experts = 0,
                    .expert_bytes = 0,
                    .rows = Rows::tokens,
                    .type = static_cast<uint32_t>(type),
                    .columns = kColumns,
                    .row_count = rows,
                    .expert_count = 1,
                    .choices = 1,
                    .separate = 0};
  Step step = {};
  step.token_count = tokens;
  while (state.KeepRunning()) {
    run(0, address(&step), address(&command), 0, 1);
    benchmark::ClobberMemory();
  }
  using benchmark::Counter;
  const double products = static_cast<double>(tokens) * kColumns * rows;
  state.counters["MAC"] = Counter(products, Counter::kIsIterationInvariantRate);
  state.counters["bytes"] = Counter(static_cast<double>(weights.size()), Counter::kIsIterationInvariantRate);
}

[[maybe_unused]] const bool registered = [] {
  for (const Variant& variant : variants()) {
    if (!variant.supported()) continue;
    for (const NamedType& weights : kTypes) {
      const std::string name = std::string(variant.name) + "/" + weights.name;
      const auto add = [&](const char* what, uint32_t tokens, bool cached) {
        benchmark::RegisterBenchmark((name + what).c_str(), multiply, variant.run, weights.type, tokens,
                                     cached);
      };
      add("/token/cache", 1, true);
      add("/token/memory", 1, false);
      add("/prompt", 64, true);
    }
  }
  return true;
}();

}  // namespace
}  // namespace chord::cpu::kernels
