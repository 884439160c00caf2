// Matrix products by type and variant, in multiply-adds and in bytes of weights per second.
#include <benchmark/benchmark.h>

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
constexpr uint32_t kRows = 512;

template <class T>
Address address(const T* pointer) {
  return static_cast<Address>(reinterpret_cast<uintptr_t>(pointer));
}

void multiply(benchmark::State& state, Run run, Type type) {
  const auto tokens = static_cast<uint32_t>(state.range(0));
  // Zero blocks take as long as others.
  const std::vector<uint8_t> weights(packed_bytes(type, kColumns, kRows));
  const std::vector<float> x(size_t{tokens} * kColumns, 1.0F);
  std::vector<float> out(size_t{tokens} * kRows);
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
                    .row_count = kRows};
  Step step = {};
  step.token_count = tokens;
  while (state.KeepRunning()) {
    run(address(&step), address(&command), 0, 1);
    benchmark::ClobberMemory();
  }
  using benchmark::Counter;
  const double products = static_cast<double>(tokens) * kColumns * kRows;
  state.counters["MAC"] = Counter(products, Counter::kIsIterationInvariantRate);
  state.counters["bytes"] = Counter(static_cast<double>(weights.size()), Counter::kIsIterationInvariantRate);
}

[[maybe_unused]] const bool registered = [] {
  for (const Variant& variant : variants()) {
    if (!variant.supported()) continue;
    for (const NamedType& weights : kTypes) {
      const std::string name = std::string(variant.name) + "/" + weights.name + "/tokens";
      benchmark::RegisterBenchmark(name.c_str(), multiply, variant.run, weights.type)->Arg(1)->Arg(32);
    }
  }
  return true;
}();

}  // namespace
}  // namespace chord::cpu::kernels
