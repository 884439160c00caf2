// The plan's ops as a device runs them: neighbours that one kernel does together become one instruction.
#pragma once

#include <optional>
#include <vector>

#include "plan/plan.h"

namespace chord::plan {

// One command to be. For a fused one, `op` is the last op for Multiply and the first for the others.
struct Instruction {
  const Op* op = nullptr;
  std::vector<Value> reads;
  std::optional<Value> out;

  // Of a MatMul: what is added to its result. Of a WeightedSum, too: the residual.
  std::optional<Weight> bias;
  std::optional<Value> residual;
  // Of a Multiply: the activation of its other operand, `up`.
  const Activation* gate = nullptr;
  Value up = {};

  // The operand whose memory `out` may take over where nothing reads it afterwards.
  std::optional<Value> in_place() const;
};

// What is fused, where nothing else reads the value between:
//   matmul + bias; matmul (+ bias) or weighted sum + add of a value that exists before it;
//   activation + multiply.
// The plan must outlive the instructions. Input ops need none.
std::vector<Instruction> fuse(const Plan& plan);

}  // namespace chord::plan
