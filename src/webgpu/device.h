#pragma once

#include <cstdint>
#include <memory>

#include "base/error.h"
#include "plan/device.h"
#include "plan/plan.h"

namespace chord::webgpu {

// Takes buffers for the plan's weights, which want() then asks for.
// The errors are those of Weights::create.
Result<std::unique_ptr<plan::Device>> make_device(plan::Plan plan);

// Bytes of buffers.
struct Taken {
  uint64_t weights;
  uint64_t stores;
  uint64_t scratch;
};

// What a device and an executor of it take. It takes all that once, from a host that need only count.
Result<Taken> estimate(const plan::Plan& plan, const plan::ExecutorOptions& options);

}  // namespace chord::webgpu
