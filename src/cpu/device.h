#pragma once

#include <memory>

#include "base/error.h"
#include "cpu/data_plane.h"
#include "plan/device.h"
#include "plan/plan.h"

namespace chord::cpu {

// Takes the memory for the plan's weights, which want() then asks for. The data plane must
// outlive the device, and the device its sessions.
// out_of_memory, with the bytes; unsupported_format, naming a tensor whose type the kernels have no use for.
Result<std::unique_ptr<plan::Device>> make_device(plan::Plan plan, DataPlane& data_plane, plan::Clock clock);

}  // namespace chord::cpu
