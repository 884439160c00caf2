// Memory of the key/value stores of one session.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "cpu/kernels/command.h"
#include "plan/device.h"
#include "plan/plan.h"
#include "plan/store_image.h"

namespace chord::cpu {

struct Caches {
  std::vector<kernels::Cache> stores;  // by store; addresses count from the start of the one allocation
  uint64_t bytes;                      // of it; kTooMany: beyond 64 bits
};

// A kv store has a cell for each position of the context. A ring has enough that a whole step can be stored
// before its first query reads the oldest key of its window, and one for what an image has beside that.
inline plan::Cells cells(const plan::ExecutorOptions& options) {
  return {.context = options.context_length, .ring_slack = options.max_tokens};
}

// invalid_argument: head lengths that are no whole blocks of the type.
Result<Caches> lay_out_caches(const plan::Plan& plan, const plan::ExecutorOptions& options);

}  // namespace chord::cpu
