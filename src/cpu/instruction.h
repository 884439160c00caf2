// The plan's ops as the CPU runs them: neighbours that one kernel does together become one instruction.
#pragma once

#include <optional>
#include <vector>

#include "plan/plan.h"

namespace chord::cpu {

// One command to be. For a fused one, `op` is the last op for Multiply and the first for MatMul.
struct Instruction {
  const plan::Op* op = nullptr;
  std::vector<plan::Value> reads;
  std::optional<plan::Value> out;

  // Of a MatMul: what is added to its result.
  std::optional<plan::Weight> bias;
  std::optional<plan::Value> residual;
  // Of a Multiply: the activation of its other operand, `up`.
  const plan::Activation* gate = nullptr;
  plan::Value up = {};

  // The operand whose memory `out` may take over where nothing reads it afterwards.
  std::optional<plan::Value> in_place() const;
};

// What is fused, where nothing else reads the value between:
//   matmul + bias; matmul (+ bias) + add of a value that exists before it; activation + multiply.
// The plan must outlive the instructions. Input ops need none.
std::vector<Instruction> fuse(const plan::Plan& plan);

}  // namespace chord::cpu
