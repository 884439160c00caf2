#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace chord {

// A 64-bit hash of bytes that tells files and states apart and notices damage: whatever changes within eight
// bytes changes it. It is none against forgery. How the bytes are cut into calls does not matter.
class Hash {
 public:
  void add(std::span<const std::byte> bytes);
  uint64_t value() const;

 private:
  uint64_t state_ = 0;
  uint64_t length_ = 0;
  uint64_t word_ = 0;  // the bytes behind the last whole word
};

}  // namespace chord
