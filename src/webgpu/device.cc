#include "webgpu/device.h"

#include <cstring>
#include <utility>

#include "webgpu/executor.h"
#include "webgpu/weights.h"

namespace chord::webgpu {
namespace {

class GpuDevice final : public plan::Device {
 public:
  GpuDevice(plan::Plan plan, Weights weights) : plan_(std::move(plan)), weights_(std::move(weights)) {}

  Result<std::optional<plan::PlacementRequest>> want() override { return weights_.want(); }
  Result<void> supply(uint64_t length) override { return weights_.supply(length); }
  // Requests are of this program's memory.
  void write(uint64_t address, std::span<const std::byte> bytes) override {
    std::memcpy(reinterpret_cast<void*>(static_cast<uintptr_t>(address)), bytes.data(), bytes.size());
  }
  void read(uint64_t address, std::span<std::byte> bytes) override {
    std::memcpy(bytes.data(), reinterpret_cast<const void*>(static_cast<uintptr_t>(address)), bytes.size());
  }

  Result<std::unique_ptr<plan::Executor>> open(const plan::ExecutorOptions& options) override {
    if (const auto wanted = weights_.want()) {
      return fail(ErrorCode::invalid_argument, "the weights from byte ", wanted->offset,
                  " of the file on are not in place yet");
    }
    return make_executor(plan_, weights_, options);
  }

  std::string_view kernels() const override { return "webgpu"; }
  uint64_t weight_bytes() const override { return weights_.bytes(); }

 private:
  plan::Plan plan_;
  Weights weights_;
};

}  // namespace

Result<std::unique_ptr<plan::Device>> make_device(plan::Plan plan) {
  GpuLimits limits{};
  host_gpu_limits(&limits);
  CHORD_ASSIGN(Weights weights, Weights::create(plan, limits));
  return std::make_unique<GpuDevice>(std::move(plan), std::move(weights));
}

Result<Taken> estimate(const plan::Plan& plan, const plan::ExecutorOptions& options) {
  GpuLimits limits{};
  host_gpu_limits(&limits);
  CHORD_ASSIGN(const Weights weights, Weights::create(plan, limits));
  CHORD_ASSIGN(const auto executor, make_executor(plan, weights, options));
  return Taken{weights.bytes(), executor->store_bytes(), executor->scratch_bytes()};
}

}  // namespace chord::webgpu
