// Builds GGUF files by hand, right or wrong, for the tests.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "gguf/metadata.h"
#include "quant/type.h"

namespace chord::gguf {

class Bytes {
 public:
  template <class T>
  Bytes& number(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Bytes& u32(uint64_t value) { return number(static_cast<uint32_t>(value)); }
  Bytes& u64(uint64_t value) { return number(value); }
  Bytes& raw(std::string_view bytes) {
    text_ += bytes;
    return *this;
  }
  Bytes& string(std::string_view text) { return u64(text.size()).raw(text); }
  Bytes& zeros(size_t count) {
    text_.append(count, '\0');
    return *this;
  }
  Bytes& pad(size_t alignment = 32) { return zeros((alignment - text_.size() % alignment) % alignment); }

  Bytes& prologue(uint64_t tensors, uint64_t entries, uint32_t version = 3) {
    return raw("GGUF").u32(version).u64(tensors).u64(entries);
  }
  // A key and the type of its value, which is to follow.
  Bytes& key(std::string_view name, ValueType type) { return string(name).u32(static_cast<uint32_t>(type)); }
  Bytes& array(ValueType element, uint64_t count) { return u32(static_cast<uint32_t>(element)).u64(count); }
  Bytes& tensor(std::string_view name, std::initializer_list<uint64_t> dims, uint64_t offset,
                uint32_t type = static_cast<uint32_t>(quant::Type::f32)) {
    string(name).u32(dims.size());
    for (const uint64_t dim : dims) u64(dim);
    return u32(type).u64(offset);
  }

  std::span<const std::byte> span() const { return std::as_bytes(std::span(text_)); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace chord::gguf
