#include "abi/gpu.h"
#include "webgpu/device.h"

namespace chord::abi {

Result<std::unique_ptr<plan::Device>> make_gpu_device(const plan::Plan& plan) {
  return webgpu::make_device(plan);
}

}  // namespace chord::abi
