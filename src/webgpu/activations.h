// Which buffer each value of a step takes: buffers are used again as soon as nothing reads a value any more.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/device.h"
#include "plan/plan.h"
#include "webgpu/kernel.h"

namespace chord::webgpu {

struct Activations {
  std::vector<uint32_t> slots;  // by value; those that fusing removed have none and are 0
  std::vector<uint64_t> bytes;  // by slot
};

// Linear scan over the kernels. A kernel never reads the slot that it writes, because no binding
// may be read and written in one dispatch; but Penalties work in place. The plan's logits and embeddings
// keep theirs to the end.
Activations lay_out(const plan::Plan& plan, std::span<const Kernel> kernels,
                    const plan::ExecutorOptions& options);

}  // namespace chord::webgpu
