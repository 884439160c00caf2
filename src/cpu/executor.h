#pragma once

#include <memory>

#include "base/error.h"
#include "cpu/data_plane.h"
#include "cpu/placement.h"
#include "plan/device.h"
#include "plan/plan.h"

namespace chord::cpu {

// A session's state on the CPU: its caches, its scratch memory, its command list. Plan, weights and data
// plane must outlive it.
Result<std::unique_ptr<plan::Executor>> make_executor(const plan::Plan& plan, const Placement& weights,
                                                      DataPlane& data_plane, plan::Clock clock,
                                                      plan::ExecutorOptions options);

}  // namespace chord::cpu
