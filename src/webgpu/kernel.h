// The plan's instructions as the GPU runs them: what a matmul can do on the way to its operand becomes part
// of it.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "plan/instruction.h"
#include "plan/plan.h"

namespace chord::webgpu {

// One dispatch, or one for each part of a weight.
struct Kernel {
  plan::Instruction instruction;  // with what it reads and writes after fusing

  // Of a MatMul: where its x comes from, if not from a value.
  const plan::Norm* norm = nullptr;
  const plan::Activation* gate = nullptr;
  std::optional<plan::Value> up = {};  // that the activation is multiplied with
  // Of a StoreKv: the rotations of the queries, which it writes, and of the keys.
  const plan::Rope* q_rope = nullptr;
  const plan::Rope* k_rope = nullptr;
};

// Fuses further than plan::fuse():
//   norm, activation or gated product, into all the matmuls that read it, if takes_source(matmul) holds for
//   each; the ropes of queries and keys and the storing of keys and values, if fuses_ropes.
// The plan must outlive the kernels.
std::vector<Kernel> fuse_kernels(const plan::Plan& plan, bool fuses_ropes,
                                 const std::function<bool(const plan::MatMul&)>& takes_source);

}  // namespace chord::webgpu
