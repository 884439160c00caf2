#pragma once

#include <memory>

#include "base/error.h"
#include "plan/device.h"
#include "plan/plan.h"

namespace chord::webgpu {

// Takes buffers for the plan's weights, which want() then asks for.
// The errors are those of Weights::create.
Result<std::unique_ptr<plan::Device>> make_device(plan::Plan plan);

}  // namespace chord::webgpu
