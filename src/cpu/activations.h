// Where a step's values lie: memory is reused as soon as nothing reads a value any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cpu/kernels/quantized.h"
#include "plan/instruction.h"
#include "plan/plan.h"

namespace chord::cpu {

inline constexpr uint64_t kNoPlace = UINT64_MAX;

struct Activations {
  std::vector<uint64_t> offsets;    // by value; those that fusing removed have none and are 0
  std::vector<uint64_t> quantized;  // by quantized_index(); kNoPlace for what no matrix product reads
  uint64_t bytes;                   // of one allocation that holds them all; kTooMany: beyond 64 bits
};

// Of a value's quantized copy.
constexpr size_t quantized_index(plan::Value x, kernels::Quantization quantization) {
  return size_t{x.id} * kernels::kQuantizations + static_cast<size_t>(quantization);
}

// The copy of its operand that a product with the weight reads, if it is one with a quantized type.
std::optional<kernels::Quantization> quantization_of(const plan::WeightInfo& weight);

// Linear scan over the instructions. The plan's logits, embeddings and inputs keep their place for the whole
// step: they are read and written from outside.
Activations lay_out(const plan::Plan& plan, std::span<const plan::Instruction> instructions,
                    uint32_t max_tokens, uint32_t max_outputs);

}  // namespace chord::cpu
