// What a session keeps on the GPU beside activations: caches, what attention shares out, rotary frequencies.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "webgpu/program.h"

namespace chord::webgpu {

// out_of_memory: it is larger than a binding.
Result<Buffer> make_buffer(const GpuLimits& limits, std::string_view what, uint64_t bytes);

// Takes the program's stores, splits and ropes. A ring takes a cell for each position of the context, too,
// and windows are a matter of attention. unsupported_architecture: kinds of stores or lengths of heads
// without kernels; out_of_memory: larger than a binding.
Result<void> allocate_stores(const plan::Plan& plan, const Weights& weights, const GpuLimits& limits,
                             const plan::ExecutorOptions& options, Program& program);

}  // namespace chord::webgpu
