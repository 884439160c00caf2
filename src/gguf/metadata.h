// The key-value part of a GGUF file. Keys keep the file's order; arrays keep their element type, so that a
// file can be written again as it was read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"

namespace chord::gguf {

// The numbers of the GGUF specification.
enum class ValueType : uint32_t {
  u8 = 0,
  i8 = 1,
  u16 = 2,
  i16 = 3,
  u32 = 4,
  i32 = 5,
  f32 = 6,
  boolean = 7,
  string = 8,
  array = 9,
  u64 = 10,
  i64 = 11,
  f64 = 12,
};

std::string_view name(ValueType type);

// Strings in one allocation: a vocabulary of 150 000 tokens as std::string would cost 5 MB of headers.
class StringArray {
 public:
  size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  std::string_view operator[](size_t i) const {
    const uint32_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(text_).substr(begin, ends_[i] - begin);
  }
  void reserve(size_t count, size_t bytes);
  void push_back(std::string_view text);

 private:
  std::string text_;  // at most 4 GiB: kMaxHeaderBytes (limits.h) is far below
  std::vector<uint32_t> ends_;
};

struct Value;

// Elements of one type. Numbers and booleans are held as the bytes that the file has for them: a vector for
// each type would be a third of this module's code. Arrays of arrays are allowed by the specification.
class Array {
 public:
  explicit Array(StringArray strings);
  explicit Array(std::vector<Value> arrays);                    // each of them an Array
  Array(ValueType element_type, std::vector<std::byte> bytes);  // a type of fixed size
  template <class T>
  explicit Array(const std::vector<T>& numbers);  // T as in Value, neither a string nor an array

  ValueType element_type() const { return element_type_; }
  size_t size() const;

  const StringArray* strings() const { return std::get_if<StringArray>(&elements_); }
  const std::vector<Value>* arrays() const { return std::get_if<std::vector<Value>>(&elements_); }
  const std::vector<std::byte>* bytes() const { return std::get_if<std::vector<std::byte>>(&elements_); }

 private:
  std::variant<std::vector<std::byte>, StringArray, std::vector<Value>> elements_;
  ValueType element_type_;
};

struct Value {
  std::variant<uint8_t, int8_t, uint16_t, int16_t, uint32_t, int32_t, float, bool, std::string, Array,
               uint64_t, int64_t, double>
      data;

  ValueType type() const { return static_cast<ValueType>(data.index()); }
};

// Here, because Value is complete only now.
inline Array::Array(StringArray strings) : elements_(std::move(strings)), element_type_(ValueType::string) {}
inline Array::Array(std::vector<Value> arrays)
    : elements_(std::move(arrays)), element_type_(ValueType::array) {}
inline Array::Array(ValueType element_type, std::vector<std::byte> bytes)
    : elements_(std::move(bytes)), element_type_(element_type) {}

template <class T>
Array::Array(const std::vector<T>& numbers) : element_type_(Value{T{}}.type()) {
  auto& bytes = elements_.emplace<std::vector<std::byte>>();
  for (const T number : numbers) {
    const auto raw = std::as_bytes(std::span(&number, 1));
    bytes.insert(bytes.end(), raw.begin(), raw.end());
  }
}

struct Entry {
  std::string key;
  Value value;
};

// Typed look-ups. A key that is absent gives nothing; a key that is there with a type that cannot stand for
// the one asked for is an error (invalid_model) that names the key and both types. Integers convert among
// each other when the value fits, integers convert to floating point; nothing else converts.
class Metadata {
 public:
  Metadata() = default;
  explicit Metadata(std::vector<Entry> entries) : entries_(std::move(entries)) {}  // keys are distinct

  const std::vector<Entry>& entries() const { return entries_; }
  const Value* find(std::string_view key) const;

  Result<std::optional<uint64_t>> find_unsigned(std::string_view key) const;  // refuses negative values
  Result<std::optional<double>> find_number(std::string_view key) const;
  Result<std::optional<bool>> find_bool(std::string_view key) const;
  Result<std::optional<std::string_view>> find_string(std::string_view key) const;
  Result<const StringArray*> find_strings(std::string_view key) const;                 // nullptr if absent
  Result<std::optional<std::vector<float>>> find_numbers(std::string_view key) const;  // any numeric array
  Result<std::optional<std::vector<int64_t>>> find_integers(
      std::string_view key) const;  // any integer or bool array

  // general.alignment, 32 if absent. The specification wants a multiple of 8 and llama.cpp a power of two:
  // either will do, up to kMaxAlignment; anything else is invalid_gguf.
  Result<uint32_t> alignment() const;

  // Adds an entry, or replaces the one with this key in place.
  void set(std::string key, Value value);
  void remove(std::string_view key);

 private:
  std::vector<Entry> entries_;
};

}  // namespace chord::gguf
