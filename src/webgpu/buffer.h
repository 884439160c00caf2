#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "webgpu/host.h"

namespace chord::webgpu {

// Owns a buffer of the GPU.
class Buffer {
 public:
  Buffer() = default;
  // Cleared; the size is rounded up to what a binding needs.
  explicit Buffer(uint64_t bytes) : bytes_((bytes + 15) & ~uint64_t{15}), id_(host_gpu_buffer(bytes_)) {}

  Buffer(Buffer&& other) noexcept : bytes_(std::exchange(other.bytes_, 0)), id_(other.id_) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~Buffer() {
    if (bytes_ != 0) host_gpu_release(id_);
  }

  uint32_t id() const { return id_; }
  uint64_t bytes() const { return bytes_; }

  template <class T>
  void write(uint64_t offset, std::span<const T> elements) const {
    if (!elements.empty()) host_gpu_write(id_, offset, elements.data(), elements.size_bytes());
  }

 private:
  uint64_t bytes_ = 0;  // 0: owns nothing
  uint32_t id_ = 0;
};

}  // namespace chord::webgpu
