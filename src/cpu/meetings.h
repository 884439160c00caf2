// Where the threads of a team must meet: each walks the whole command list by itself, and what one command
// writes may be another's operand.
#pragma once

#include <cstdint>
#include <span>

#include "cpu/kernels/command.h"

namespace chord::cpu {

// Bytes [begin, end) of the data plane.
struct Range {
  uint64_t begin;
  uint64_t end;
};

// As many as a command has operands, at most.
struct Ranges {
  Range items[6];
  uint32_t count = 0;

  const Range* begin() const { return items; }
  const Range* end() const { return items + count; }
};

// What a command touches of the memory that commands write.
struct Access {
  Ranges reads;
  Ranges writes;
};

// The most rows that a step can have.
struct RowLimits {
  uint64_t tokens;
  uint64_t outputs;
};

// Weights and the step's parameters are left out: nothing writes them while a list runs.
Access access_of(const kernels::Command& command, const RowLimits& limits);

// Sets `meet` of each command that reads what one before it writes, or writes what one before it reads or
// writes, with no meeting in between.
void mark_meetings(std::span<kernels::Command> commands, const RowLimits& limits);

}  // namespace chord::cpu
