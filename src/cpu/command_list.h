// From instructions to the kernels' command list.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cpu/kernels/command.h"
#include "cpu/placement.h"
#include "plan/instruction.h"
#include "plan/plan.h"

namespace chord::cpu {

// Where the operands of a session's commands lie in the data plane.
struct Addresses {
  struct Rope {
    uint64_t frequencies;  // f64[pair_count]
    uint64_t table;        // f32[max_tokens, pair_count, 2]
  };

  std::vector<uint64_t> values;        // by value
  std::vector<uint64_t> quantized;     // by quantized_index()
  std::vector<kernels::Cache> caches;  // by store
  std::vector<Rope> ropes;             // by rope settings
  uint64_t mailboxes;                  // kernels::Mailbox[max_outputs]
};

// About how much a command costs, in multiply-adds: the sum of these, times the step's counts.
struct Work {
  uint64_t per_token;
  uint64_t per_output;
  uint64_t per_pair;  // of a query and a key
  uint32_t window;    // of the keys that a query sees; 0: all
};

struct CommandList {
  std::vector<kernels::Command> commands;
  std::vector<Work> work;  // of each command
  // A step without outputs needs only the commands before this: what follows the last store leaves no trace.
  uint32_t end_without_outputs;
  // A step for embeddings only needs only the commands before this.
  uint32_t end_with_embeddings;
};

// One rope table for each of the plan's rope settings, then a command for each instruction. Before the first
// product that reads a quantized copy of a value, a command makes it. The context's length chooses between
// factors of rope settings.
CommandList emit(const plan::Plan& plan, std::span<const plan::Instruction> instructions,
                 const Placement& weights, const Addresses& addresses, uint32_t context_length);

}  // namespace chord::cpu
