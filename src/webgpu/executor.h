#pragma once

#include <memory>

#include "base/error.h"
#include "plan/device.h"
#include "plan/plan.h"
#include "webgpu/weights.h"

namespace chord::webgpu {

// A session's state on the GPU: its caches, its activations, its table of dispatches. Plan and weights must
// outlive it.
Result<std::unique_ptr<plan::Executor>> make_executor(const plan::Plan& plan, const Weights& weights,
                                                      plan::ExecutorOptions options);

}  // namespace chord::webgpu
