#include "cpu/device.h"

#include <utility>

#include "cpu/allocation.h"
#include "cpu/executor.h"
#include "cpu/placement.h"

namespace chord::cpu {
namespace {

class CpuDevice final : public plan::Device {
 public:
  CpuDevice(plan::Plan plan, Placement placement, DataPlane& data_plane, Allocation weights,
            plan::Clock clock)
      : plan_(std::move(plan)),
        placement_(std::move(placement)),
        data_plane_(data_plane),
        weights_(std::move(weights)),
        clock_(clock) {}

  Result<std::optional<plan::PlacementRequest>> want() override { return placement_.want(); }
  Result<void> supply(uint64_t length) override { return placement_.supply(length); }
  void write(uint64_t address, std::span<const std::byte> bytes) override {
    data_plane_.write(address, bytes);
  }

  Result<std::unique_ptr<plan::Executor>> open(const plan::ExecutorOptions& options) override {
    if (const auto wanted = placement_.want()) {
      return fail(ErrorCode::invalid_argument, "the weights from byte ", wanted->offset,
                  " of the file on are not in place yet");
    }
    return make_executor(plan_, placement_, data_plane_, clock_, options);
  }

  std::string_view kernels() const override { return data_plane_.kernels(); }
  uint64_t weight_bytes() const override { return weights_.bytes(); }

 private:
  plan::Plan plan_;
  Placement placement_;
  DataPlane& data_plane_;
  Allocation weights_;
  plan::Clock clock_;
};

}  // namespace

Result<std::unique_ptr<plan::Device>> make_device(plan::Plan plan, DataPlane& data_plane, plan::Clock clock) {
  CHORD_ASSIGN(Placement placement, Placement::create(plan));
  CHORD_ASSIGN(Allocation weights, Allocation::create(data_plane, placement.bytes(), "weights"));
  placement.set_base(weights.address());
  return std::make_unique<CpuDevice>(std::move(plan), std::move(placement), data_plane, std::move(weights),
                                     clock);
}

}  // namespace chord::cpu
