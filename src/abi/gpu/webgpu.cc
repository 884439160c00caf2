#include "abi/gpu.h"
#include "webgpu/device.h"

namespace chord::abi {

Result<std::unique_ptr<plan::Device>> make_gpu_device(const plan::Plan& plan) {
  return webgpu::make_device(plan);
}

Result<chord_memory> estimate_gpu(const plan::Plan& plan, const plan::ExecutorOptions& options) {
  CHORD_ASSIGN(const webgpu::Taken taken, webgpu::estimate(plan, options));
  return chord_memory{taken.weights, taken.stores, taken.scratch};
}

}  // namespace chord::abi
