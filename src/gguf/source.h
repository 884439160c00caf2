// Where a file's bytes come from and go to, for programs that can wait for them (tools, tests). A host that
// cannot feeds a Reader itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"

namespace chord::gguf {

// Bytes that can be read at any offset.
class Source {
 public:
  virtual ~Source() = default;
  virtual uint64_t size() const = 0;
  // Fills `into` from the bytes at offset; io if the source cannot, or has fewer.
  virtual Result<void> read(uint64_t offset, std::span<std::byte> into) const = 0;
};

// Takes bytes one after the other.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> write(std::span<const std::byte> bytes) = 0;
};

class MemorySink final : public Sink {
 public:
  Result<void> write(std::span<const std::byte> bytes) override {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return {};
  }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace chord::gguf
