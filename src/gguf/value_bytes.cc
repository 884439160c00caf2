#include "gguf/value_bytes.h"

namespace chord::gguf {
namespace {

template <class T>
std::span<const std::byte> bytes_of(const Value& value) {
  return std::as_bytes(std::span(std::get_if<T>(&value.data), 1));
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

Value make_scalar(ValueType type, std::string_view bytes) {
  switch (type) {
    case ValueType::u8:
      return {load<uint8_t>(bytes.data())};
    case ValueType::i8:
      return {load<int8_t>(bytes.data())};
    case ValueType::u16:
      return {load<uint16_t>(bytes.data())};
    case ValueType::i16:
      return {load<int16_t>(bytes.data())};
    case ValueType::u32:
      return {load<uint32_t>(bytes.data())};
    case ValueType::i32:
      return {load<int32_t>(bytes.data())};
    case ValueType::f32:
      return {load<float>(bytes.data())};
    case ValueType::boolean:
      return {bytes[0] != 0};
    case ValueType::u64:
      return {load<uint64_t>(bytes.data())};
    case ValueType::i64:
      return {load<int64_t>(bytes.data())};
    case ValueType::f64:
      return {load<double>(bytes.data())};
    case ValueType::string:
    case ValueType::array:
      break;
  }
  return {};
}

}  // namespace chord::gguf
