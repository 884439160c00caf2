// The data plane that the wasm host gives: the memory and the kernels of another module.
#include "abi/platform.h"

#include <string>

#include "abi/wasm/host.h"
#include "cpu/range_allocator.h"

namespace chord::abi {
namespace {

using Run = uint32_t (*)(uint64_t step, uint64_t commands, uint32_t begin, uint32_t end);

class HostDataPlane final : public cpu::DataPlane {
 public:
  HostDataPlane(const OpenedDataPlane& opened, std::string name)
      : memory_(opened.heap_base, opened.size, host_data_grow),
        limit_(opened.limit),
        // In wasm a function's address is its place in the table, where the host put the kernels' export.
        run_(reinterpret_cast<Run>(static_cast<uintptr_t>(opened.run))),
        threads_(opened.threads),
        name_(std::move(name)) {}

  Result<uint64_t> allocate(uint64_t bytes) override {
    auto address = memory_.allocate(bytes);
    if (address) return address;
    return fail(ErrorCode::out_of_memory, bytes, " bytes wanted, ", limit_ - memory_.end(),
                " available at most: ", memory_.end(), " of the memory's ", limit_, " are taken");
  }
  void release(uint64_t address) override { memory_.release(address); }
  void write(uint64_t address, std::span<const std::byte> bytes) override {
    host_data_write(address, bytes.data(), bytes.size());
  }
  void read(uint64_t address, std::span<std::byte> bytes) override {
    host_data_read(address, bytes.data(), bytes.size());
  }
  Result<void> run(uint64_t step, uint64_t commands, uint32_t begin, uint32_t end) override {
    return result_of(static_cast<cpu::kernels::Outcome>(run_(step, commands, begin, end)));
  }
  std::string_view kernels() const override { return name_; }
  uint32_t thread_count() const override { return threads_; }

 private:
  cpu::RangeAllocator memory_;
  uint64_t limit_;
  Run run_;
  uint32_t threads_;
  std::string name_;
};

}  // namespace

// Which variant the host compiled was decided before the core was asked.
Result<std::unique_ptr<cpu::DataPlane>> open_data_plane(std::string_view kernels, uint32_t /*threads*/) {
  char buffer[32];
  const size_t length = host_kernels_name(buffer, sizeof buffer);
  std::string name(buffer, length < sizeof buffer ? length : sizeof buffer);
  if (!kernels.empty() && kernels != name) {
    return fail(ErrorCode::invalid_argument, "kernels \"", kernels,
                "\" were asked for and the host loaded \"", name, "\"");
  }
  OpenedDataPlane opened{};
  if (host_data_open(0, &opened) != 0) {
    return fail(ErrorCode::out_of_memory, "the host refused a memory for the model; ", opened.size,
                " bytes available");
  }
  return std::make_unique<HostDataPlane>(opened, std::move(name));
}

double now() {
  return host_now();
}

}  // namespace chord::abi
