#include "cpu/device.h"

#include <utility>

#include "cpu/allocation.h"
#include "cpu/executor.h"
#include "cpu/placement.h"
#include "cpu/weight_loader.h"

namespace chord::cpu {
namespace {

class CpuDevice final : public plan::Device {
 public:
  CpuDevice(plan::Plan plan, Placement placement, DataPlane& data_plane, Allocation weights,
            WeightLoader loader, plan::Clock clock)
      : plan_(std::move(plan)),
        placement_(std::move(placement)),
        data_plane_(data_plane),
        weights_(std::move(weights)),
        loader_(std::move(loader)),
        clock_(clock) {}

  Result<std::optional<plan::PlacementRequest>> want() override {
    auto wanted = loader_ ? loader_->want() : std::nullopt;
    if (!wanted) loader_.reset();
    return wanted;
  }
  Result<void> supply(uint64_t length) override {
    if (loader_) return loader_->supply(length);
    return fail(ErrorCode::invalid_argument, length, " bytes were supplied and all weights are in place");
  }
  void write(uint64_t address, std::span<const std::byte> bytes) override {
    data_plane_.write(address, bytes);
  }
  void read(uint64_t address, std::span<std::byte> bytes) override { data_plane_.read(address, bytes); }

  Result<std::unique_ptr<plan::Executor>> open(const plan::ExecutorOptions& options) override {
    CHORD_ASSIGN(const auto wanted, want());
    if (wanted) {
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
  std::optional<WeightLoader> loader_;  // until all weights are in place
  plan::Clock clock_;
};

}  // namespace

Result<std::unique_ptr<plan::Device>> make_device(plan::Plan plan, DataPlane& data_plane, plan::Clock clock) {
  CHORD_ASSIGN(Placement placement, Placement::create(plan));
  CHORD_ASSIGN(Allocation weights, Allocation::create(data_plane, placement.bytes(), "weights"));
  placement.set_base(weights.address());
  CHORD_ASSIGN(WeightLoader loader, WeightLoader::create(placement, data_plane));
  return std::make_unique<CpuDevice>(std::move(plan), std::move(placement), data_plane, std::move(weights),
                                     std::move(loader), clock);
}

}  // namespace chord::cpu
