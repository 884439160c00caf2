#pragma once

#include "plan/device.h"
#include "plan/plan.h"
#include "webgpu/format.h"
#include "webgpu/key.h"
#include "webgpu/program.h"
#include "webgpu/weights.h"

namespace chord::webgpu {

// Whether the device has what the kernels need that multiply bytes.
bool has_dot8(const GpuLimits& limits);

// Key of the products of `columns` bytes with `each` rows of a matrix by a subgroup; norm: what x lacks.
// ahead: as token_loop.wgsl has it.
Key dots_key(const Format& format, uint32_t columns, uint32_t each, const plan::Norm* norm,
             bool ahead = false);

// Records a step of one token in five dispatches a layer, and one more for a norm behind a product, after
// everything else of the program. Where plan, types or device are not made for that, nothing, and the
// program's own entries take such steps, too.
Result<void> record_token(const plan::Plan& plan, const Weights& weights, const GpuLimits& limits,
                          const plan::ExecutorOptions& options, Program& program);

}  // namespace chord::webgpu
