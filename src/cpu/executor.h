#pragma once

#include <cstdint>
#include <memory>

#include "base/error.h"
#include "cpu/data_plane.h"
#include "cpu/placement.h"
#include "plan/device.h"
#include "plan/plan.h"

namespace chord::cpu {

// What make_executor allocates, in bytes.
struct SessionBytes {
  uint64_t stores;
  uint64_t scratch;
};

// Fails as make_executor does, but for want of memory.
Result<SessionBytes> session_bytes(const plan::Plan& plan, plan::ExecutorOptions options);

// A session's state on the CPU: its caches, its scratch memory, its command list. Plan, weights and data
// plane must outlive it.
Result<std::unique_ptr<plan::Executor>> make_executor(const plan::Plan& plan, const Placement& weights,
                                                      DataPlane& data_plane, plan::Clock clock,
                                                      plan::ExecutorOptions options);

}  // namespace chord::cpu
