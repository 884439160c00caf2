// Throughput of decode and encode, in weights per second on one core.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "quant/decode.h"
#include "quant/encode.h"

namespace chord::quant {
namespace {

constexpr Type kTypes[] = {Type::f16,  Type::bf16, Type::q4_0, Type::q4_1,   Type::q5_0,
                           Type::q5_1, Type::q8_0, Type::q2_k, Type::q3_k,   Type::q4_k,
                           Type::q5_k, Type::q6_k, Type::q8_k, Type::iq4_nl, Type::iq4_xs};

void decode_type(benchmark::State& state, Type type) {
  std::vector<float> weights(1 << 16);
  // Zeros: the work does not depend on the values.
  const std::vector<std::byte> bytes(bytes_of(type, weights.size()));
  for ([[maybe_unused]] auto _ : state) {
    decode(type, bytes, weights);
    benchmark::DoNotOptimize(weights.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(weights.size()));
}

void encode_type(benchmark::State& state, Type type) {
  std::vector<float> weights(1 << 16);
  std::mt19937 random(static_cast<uint32_t>(type));
  std::normal_distribution<float> distribution(0, 0.02f);
  for (float& weight : weights) weight = distribution(random);
  std::vector<std::byte> bytes(bytes_of(type, weights.size()));
  for ([[maybe_unused]] auto _ : state) {
    encode(type, weights, bytes);
    benchmark::DoNotOptimize(bytes.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(weights.size()));
}

[[maybe_unused]] const bool registered = [] {
  for (const Type type : kTypes) {
    const std::string name(traits(type).name);
    benchmark::RegisterBenchmark(("decode/" + name).c_str(), decode_type, type);
    if (can_encode(type)) benchmark::RegisterBenchmark(("encode/" + name).c_str(), encode_type, type);
  }
  return true;
}();

}  // namespace
}  // namespace chord::quant
