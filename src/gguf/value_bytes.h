// Values as the bytes that a file has for them. Reading, writing and converting numbers all go through here,
// so that the thirteen types are told apart once instead of by a visitor for each use.
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <span>

#include "gguf/metadata.h"

namespace chord::gguf {

static_assert(std::endian::native == std::endian::little, "GGUF values are copied as they lie in memory");

template <class T>
T load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// Bytes of one value in the file; 0 for strings and arrays, whose size varies.
size_t fixed_size(ValueType type);

// The bytes of a value, which is neither a string nor an array.
std::span<const std::byte> scalar_bytes(const Value& value);

// The inverse of scalar_bytes: fixed_size(type) bytes.
Value make_scalar(ValueType type, std::string_view bytes);

}  // namespace chord::gguf
