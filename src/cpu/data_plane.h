// The memory where tensors live and the kernels that work on it, as the control plane sees them. Natively and
// under WASI it is this program's own memory; in the wasm package it is the kernel module's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"

namespace chord::cpu {

class DataPlane {
 public:
  virtual ~DataPlane() = default;

  // Bytes at a 64-byte boundary, not cleared; out_of_memory with the bytes wanted and available.
  virtual Result<uint64_t> allocate(uint64_t bytes) = 0;
  virtual void release(uint64_t address) = 0;

  virtual void write(uint64_t address, std::span<const std::byte> bytes) = 0;
  virtual void read(uint64_t address, std::span<std::byte> bytes) = 0;

  // kernels::Run
  virtual void run(uint64_t step, uint64_t commands, uint32_t begin, uint32_t end) = 0;

  virtual std::string_view kernels() const = 0;
};

}  // namespace chord::cpu
