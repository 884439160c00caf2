#include "gguf/value_bytes.h"

#include <algorithm>

namespace chord::gguf {
namespace {

template <class T>
std::span<const std::byte> bytes_of(const Value& value) {
  return std::as_bytes(std::span(std::get_if<T>(&value.data), 1));
}

template <class T>
std::span<const std::byte> bytes_of(const Array& array) {
  return std::as_bytes(std::span(*std::get_if<std::vector<T>>(&array)));
}

template <class T>
Array copied(std::string_view bytes) {
  std::vector<T> elements(bytes.size() / sizeof(T));
  if (!elements.empty()) std::memcpy(elements.data(), bytes.data(), bytes.size());
  return elements;
}

}  // namespace

size_t fixed_size(ValueType type) {
  switch (type) {
    case ValueType::u8:
    case ValueType::i8:
    case ValueType::boolean:
      return 1;
    case ValueType::u16:
    case ValueType::i16:
      return 2;
    case ValueType::u32:
    case ValueType::i32:
    case ValueType::f32:
      return 4;
    case ValueType::u64:
    case ValueType::i64:
    case ValueType::f64:
      return 8;
    case ValueType::string:
    case ValueType::array:
      break;
  }
  return 0;
}

std::span<const std::byte> scalar_bytes(const Value& value) {
  switch (value.type()) {
    case ValueType::u8:
      return bytes_of<uint8_t>(value);
    case ValueType::i8:
      return bytes_of<int8_t>(value);
    case ValueType::u16:
      return bytes_of<uint16_t>(value);
    case ValueType::i16:
      return bytes_of<int16_t>(value);
    case ValueType::u32:
      return bytes_of<uint32_t>(value);
    case ValueType::i32:
      return bytes_of<int32_t>(value);
    case ValueType::f32:
      return bytes_of<float>(value);
    case ValueType::boolean:
      return bytes_of<bool>(value);
    case ValueType::u64:
      return bytes_of<uint64_t>(value);
    case ValueType::i64:
      return bytes_of<int64_t>(value);
    case ValueType::f64:
      return bytes_of<double>(value);
    case ValueType::string:
    case ValueType::array:
      break;
  }
  return {};
}

std::span<const std::byte> element_bytes(const Array& array) {
  switch (element_type(array)) {
    case ValueType::u8:
      return bytes_of<uint8_t>(array);
    case ValueType::i8:
      return bytes_of<int8_t>(array);
    case ValueType::u16:
      return bytes_of<uint16_t>(array);
    case ValueType::i16:
      return bytes_of<int16_t>(array);
    case ValueType::u32:
      return bytes_of<uint32_t>(array);
    case ValueType::i32:
      return bytes_of<int32_t>(array);
    case ValueType::f32:
      return bytes_of<float>(array);
    case ValueType::u64:
      return bytes_of<uint64_t>(array);
    case ValueType::i64:
      return bytes_of<int64_t>(array);
    case ValueType::f64:
      return bytes_of<double>(array);
    case ValueType::boolean:
    case ValueType::string:
    case ValueType::array:
      break;
  }
  return {};
}

Value make_scalar(ValueType type, const char* bytes) {
  switch (type) {
    case ValueType::u8:
      return {load<uint8_t>(bytes)};
    case ValueType::i8:
      return {load<int8_t>(bytes)};
    case ValueType::u16:
      return {load<uint16_t>(bytes)};
    case ValueType::i16:
      return {load<int16_t>(bytes)};
    case ValueType::u32:
      return {load<uint32_t>(bytes)};
    case ValueType::i32:
      return {load<int32_t>(bytes)};
    case ValueType::f32:
      return {load<float>(bytes)};
    case ValueType::boolean:
      return {*bytes != 0};
    case ValueType::u64:
      return {load<uint64_t>(bytes)};
    case ValueType::i64:
      return {load<int64_t>(bytes)};
    case ValueType::f64:
      return {load<double>(bytes)};
    case ValueType::string:
    case ValueType::array:
      break;
  }
  return {};
}

Array make_array(ValueType type, std::string_view bytes) {
  switch (type) {
    case ValueType::u8:
      return copied<uint8_t>(bytes);
    case ValueType::i8:
      return copied<int8_t>(bytes);
    case ValueType::u16:
      return copied<uint16_t>(bytes);
    case ValueType::i16:
      return copied<int16_t>(bytes);
    case ValueType::u32:
      return copied<uint32_t>(bytes);
    case ValueType::i32:
      return copied<int32_t>(bytes);
    case ValueType::f32:
      return copied<float>(bytes);
    case ValueType::boolean: {
      std::vector<bool> elements(bytes.size());
      std::ranges::transform(bytes, elements.begin(), [](char c) { return c != 0; });
      return elements;
    }
    case ValueType::u64:
      return copied<uint64_t>(bytes);
    case ValueType::i64:
      return copied<int64_t>(bytes);
    case ValueType::f64:
      return copied<double>(bytes);
    case ValueType::string:
      return StringArray();
    case ValueType::array:
      break;
  }
  return std::vector<Value>();
}

Array make_empty_array(ValueType type) {
  return make_array(type, {});
}

}  // namespace chord::gguf
