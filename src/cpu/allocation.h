#pragma once

#include <string_view>
#include <utility>

#include "base/error.h"
#include "cpu/data_plane.h"
#include "cpu/saturating.h"

namespace chord::cpu {

// Owns memory of a data plane, which must outlive it.
class Allocation {
 public:
  Allocation() = default;

  // out_of_memory begins with `purpose`: "weights", "KV cache" …
  static Result<Allocation> create(DataPlane& data_plane, uint64_t bytes, std::string_view purpose) {
    if (bytes == kTooMany) return fail(ErrorCode::out_of_memory, purpose, ": more than 2^64 bytes wanted");
    const auto address = data_plane.allocate(bytes);
    if (!address) return fail(address.error().code(), purpose, ": ", address.error().message());
    return Allocation(&data_plane, *address, bytes);
  }

  Allocation(Allocation&& other) noexcept
      : data_plane_(std::exchange(other.data_plane_, nullptr)),
        address_(other.address_),
        bytes_(other.bytes_) {}
  Allocation& operator=(Allocation&& other) noexcept {
    std::swap(data_plane_, other.data_plane_);
    std::swap(address_, other.address_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Allocation() {
    if (data_plane_ != nullptr) data_plane_->release(address_);
  }

  uint64_t address() const { return address_; }
  uint64_t bytes() const { return bytes_; }

 private:
  Allocation(DataPlane* data_plane, uint64_t address, uint64_t bytes)
      : data_plane_(data_plane), address_(address), bytes_(bytes) {}

  DataPlane* data_plane_ = nullptr;
  uint64_t address_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace chord::cpu
