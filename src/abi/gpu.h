// The GPU, in the build that has its code (gpu/webgpu.cc); the others refuse it (gpu/none.cc).
#pragma once

#include <memory>
#include <string_view>

#include "base/error.h"
#include "chord.h"
#include "plan/device.h"
#include "plan/plan.h"

namespace chord::abi {

// What chord_place_options::kernels says to mean the GPU.
inline constexpr std::string_view kGpuKernels = "webgpu";

// invalid_argument: this build has no GPU code. The others are those of webgpu::make_device.
Result<std::unique_ptr<plan::Device>> make_gpu_device(const plan::Plan& plan);

// What that device and a session with these options would take. The errors are those of both.
Result<chord_memory> estimate_gpu(const plan::Plan& plan, const plan::ExecutorOptions& options);

}  // namespace chord::abi
