// Where a step's values lie: memory is reused as soon as nothing reads a value any more.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/instruction.h"
#include "plan/plan.h"

namespace chord::cpu {

struct Activations {
  std::vector<uint64_t> offsets;  // by value; those that fusing removed have none and are 0
  uint64_t bytes;                 // of one allocation that holds them all; kTooMany: beyond 64 bits
};

// Linear scan over the instructions. The plan's logits, embeddings and inputs keep their place for the whole
// step: they are read and written from outside.
Activations lay_out(const plan::Plan& plan, std::span<const plan::Instruction> instructions,
                    uint32_t max_tokens, uint32_t max_outputs);

}  // namespace chord::cpu
