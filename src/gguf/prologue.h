// The 24 bytes that every GGUF file begins with: magic, version, number of tensors, number of entries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace chord::gguf {

inline constexpr std::string_view kMagic = "GGUF";
inline constexpr size_t kPrologueBytes = 24;

// The start of the data section and of each tensor in it. base/align.h wants a power of two, GGUF does not.
constexpr uint64_t round_up(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

// invalid_gguf, saying what the bytes look like, unless they begin with the magic. May be given less than a
// whole prologue.
Result<void> check_magic(std::string_view bytes);

// 2 or 3; unsupported_format for other versions and for big-endian files. Wants a whole prologue.
Result<uint32_t> read_version(std::string_view bytes);

}  // namespace chord::gguf
