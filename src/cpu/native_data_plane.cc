#include "cpu/native_data_plane.h"

#include <bit>
#include <cstdlib>
#include <cstring>

#include "cpu/kernels/variants.h"
#include "cpu/native_team.h"
#include "cpu/saturating.h"

namespace chord::cpu {
namespace {

std::byte* pointer(uint64_t address) {
  return std::bit_cast<std::byte*>(static_cast<uintptr_t>(address));
}

class NativeDataPlane final : public DataPlane {
 public:
  NativeDataPlane(const kernels::Variant& variant, uint32_t threads)
      : variant_(variant), team_(variant.work, threads != 0 ? threads : default_thread_count()) {}

  Result<uint64_t> allocate(uint64_t bytes) override {
    const uint64_t size = bytes == 0 ? kAlignment : saturating_align(bytes);
    void* memory = size <= SIZE_MAX / 2 ? std::aligned_alloc(kAlignment, static_cast<size_t>(size)) : nullptr;
    if (memory == nullptr) {
      return fail(ErrorCode::out_of_memory, bytes, " bytes wanted, which the system refused");
    }
    return reinterpret_cast<uintptr_t>(memory);
  }

  void release(uint64_t address) override { std::free(pointer(address)); }

  void write(uint64_t address, std::span<const std::byte> bytes) override {
    if (!bytes.empty()) std::memcpy(pointer(address), bytes.data(), bytes.size());
  }
  void read(uint64_t address, std::span<std::byte> bytes) override {
    if (!bytes.empty()) std::memcpy(bytes.data(), pointer(address), bytes.size());
  }

  Result<void> run(uint64_t step, uint64_t commands, uint32_t begin, uint32_t end) override {
    return result_of(variant_.run(reinterpret_cast<uintptr_t>(&team_.team()), step, commands, begin, end));
  }

  std::string_view kernels() const override { return variant_.name; }
  uint32_t thread_count() const override { return team_.team().thread_count; }

 private:
  const kernels::Variant& variant_;
  NativeTeam team_;
};

}  // namespace

Result<std::unique_ptr<DataPlane>> open_native_data_plane(std::string_view kernels, uint32_t threads) {
  std::string names;
  for (const kernels::Variant& variant : kernels::variants()) {
    if (!variant.supported()) continue;
    if (kernels.empty() || kernels == variant.name) {
      return std::make_unique<NativeDataPlane>(variant, threads);
    }
    names += concat(names.empty() ? "" : ", ", variant.name);
  }
  return fail(ErrorCode::invalid_argument, "kernels \"", kernels,
              "\" are not among those of this processor: ", names);
}

}  // namespace chord::cpu
