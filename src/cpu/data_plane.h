// The memory where tensors live and the kernels that work on it, as the control plane sees them. Natively and
// under WASI it is this program's own memory; in the wasm package it is the kernel module's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "cpu/kernels/command.h"

namespace chord::cpu {

class DataPlane {
 public:
  virtual ~DataPlane() = default;

  // Bytes at a 64-byte boundary, not cleared; out_of_memory with the bytes wanted and available.
  virtual Result<uint64_t> allocate(uint64_t bytes) = 0;
  virtual void release(uint64_t address) = 0;

  virtual void write(uint64_t address, std::span<const std::byte> bytes) = 0;
  virtual void read(uint64_t address, std::span<std::byte> bytes) = 0;

  // kernels::Run, on all threads. worker_lost: the data plane is of no further use.
  virtual Result<void> run(uint64_t step, uint64_t commands, uint32_t begin, uint32_t end) = 0;

  virtual std::string_view kernels() const = 0;
  virtual uint32_t thread_count() const = 0;

 protected:
  static Result<void> result_of(kernels::Outcome outcome) {
    if (outcome == kernels::Outcome::done) return {};
    return fail(ErrorCode::worker_lost,
                "a thread ended or did nothing for several seconds; load the model again");
  }
};

}  // namespace chord::cpu
