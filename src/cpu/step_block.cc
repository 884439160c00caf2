#include "cpu/step_block.h"

#include <cstring>

#include "cpu/kernels/command.h"

namespace chord::cpu {
namespace {

// The kernels' lists have the same elements as the caller's.
static_assert(sizeof(plan::TokenCount) == sizeof(kernels::TokenCount));
static_assert(sizeof(plan::TokenBias) == sizeof(kernels::TokenBias));
static_assert(offsetof(plan::TokenCount, count) == offsetof(kernels::TokenCount, count));
static_assert(offsetof(plan::TokenBias, bias) == offsetof(kernels::TokenBias, bias));

constexpr size_t round_to_8(size_t bytes) {
  return (bytes + 7) & ~size_t{7};
}

template <class T>
void store(std::byte* at, const T& value) {
  std::memcpy(at, &value, sizeof(T));
}

}  // namespace

uint64_t StepBlock::bytes_for(uint64_t tokens, uint64_t outputs, uint64_t pairs) {
  return sizeof(kernels::Step) + outputs * sizeof(kernels::Sampling) + (tokens + outputs) * sizeof(int32_t) +
         pairs * sizeof(kernels::TokenCount) + sizeof(uint64_t);
}

uint64_t StepBlock::bytes_for(const plan::Step& step) {
  uint64_t pairs = 0;
  for (const plan::SamplingInputs& sampling : step.sampling) {
    pairs += sampling.penalized.size() + sampling.biases.size();
  }
  return bytes_for(step.tokens.size(), step.output_rows.size(), pairs);
}

template <class T>
uint64_t StepBlock::append(std::span<const T> elements, uint64_t address) {
  static_assert(alignof(T) <= 4);
  const uint64_t at = address + bytes_.size();
  const auto* begin = reinterpret_cast<const std::byte*>(elements.data());
  bytes_.insert(bytes_.end(), begin, begin + elements.size_bytes());
  return at;
}

std::span<const std::byte> StepBlock::pack(const plan::Step& step, bool alone, uint64_t address) {
  const size_t sampling_at = round_to_8(sizeof(kernels::Step));
  bytes_.assign(sampling_at + step.sampling.size() * sizeof(kernels::Sampling), std::byte{0});

  const kernels::Step head = {.tokens = append(step.tokens, address),
                              .output_rows = append(step.output_rows, address),
                              .sampling = step.sampling.empty() ? 0 : address + sampling_at,
                              .token_count = static_cast<uint32_t>(step.tokens.size()),
                              .output_count = static_cast<uint32_t>(step.output_rows.size()),
                              .first_position = step.first_position,
                              .slot = step.slot,
                              .alone = alone ? 1U : 0U,
                              .part = 0,
                              .part_count = 0};
  store(bytes_.data(), head);

  for (size_t i = 0; i < step.sampling.size(); ++i) {
    const plan::SamplingInputs& inputs = step.sampling[i];
    const kernels::Sampling sampling = {.penalized = append<plan::TokenCount>(inputs.penalized, address),
                                        .biases = append<plan::TokenBias>(inputs.biases, address),
                                        .penalized_count = static_cast<uint32_t>(inputs.penalized.size()),
                                        .bias_count = static_cast<uint32_t>(inputs.biases.size()),
                                        .repetition_penalty = inputs.repetition_penalty,
                                        .frequency_penalty = inputs.frequency_penalty,
                                        .presence_penalty = inputs.presence_penalty,
                                        .candidate_count = inputs.candidate_count};
    store(bytes_.data() + sampling_at + i * sizeof(kernels::Sampling), sampling);
  }
  return bytes_;
}

}  // namespace chord::cpu
