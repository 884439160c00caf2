#include "gguf/metadata.h"

#include <algorithm>
#include <array>
#include <limits>

#include "gguf/limits.h"
#include "gguf/utf8.h"
#include "gguf/value_bytes.h"

namespace chord::gguf {
namespace {

// An integer of any type of the specification. A negative one is held in two's complement.
struct Integer {
  uint64_t bits;
  bool negative;
};

Integer from_signed(int64_t value) {
  return {static_cast<uint64_t>(value), value < 0};
}

std::optional<Integer> load_integer(ValueType type, const std::byte* bytes) {
  switch (type) {
    case ValueType::u8:
      return Integer{load<uint8_t>(bytes), false};
    case ValueType::i8:
      return from_signed(load<int8_t>(bytes));
    case ValueType::u16:
      return Integer{load<uint16_t>(bytes), false};
    case ValueType::i16:
      return from_signed(load<int16_t>(bytes));
    case ValueType::u32:
      return Integer{load<uint32_t>(bytes), false};
    case ValueType::i32:
      return from_signed(load<int32_t>(bytes));
    case ValueType::u64:
      return Integer{load<uint64_t>(bytes), false};
    case ValueType::i64:
      return from_signed(load<int64_t>(bytes));
    default:
      return std::nullopt;
  }
}

std::optional<double> load_number(ValueType type, const std::byte* bytes) {
  if (type == ValueType::f32) return load<float>(bytes);
  if (type == ValueType::f64) return load<double>(bytes);
  const std::optional<Integer> integer = load_integer(type, bytes);
  if (!integer) return std::nullopt;
  return integer->negative ? static_cast<double>(static_cast<int64_t>(integer->bits))
                           : static_cast<double>(integer->bits);
}

// "u32", or "array of u32".
std::string type_name(const Value& value) {
  const Array* array = std::get_if<Array>(&value.data);
  return array != nullptr ? concat("array of ", name(array->element_type()))
                          : std::string(name(value.type()));
}

std::unexpected<Error> wrong_type(std::string_view key, const Value& value, std::string_view wanted) {
  return fail(ErrorCode::invalid_model, "metadata key ", quoted(key), " has type ", type_name(value),
              ", where ", wanted, " is wanted");
}

std::unexpected<Error> does_not_fit(std::string_view key, Integer value, std::string_view wanted) {
  const std::string shown = value.negative ? concat(static_cast<int64_t>(value.bits)) : concat(value.bits);
  return fail(ErrorCode::invalid_model, "metadata key ", quoted(key), " is ", shown, ", where ", wanted,
              " is wanted");
}

}  // namespace

std::string_view name(ValueType type) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64", "i64", "f64"};
  const auto number = static_cast<size_t>(type);
  return number < kNames.size() ? kNames[number] : "unknown";
}

void StringArray::reserve(size_t count, size_t bytes) {
  ends_.reserve(count);
  text_.reserve(bytes);
}

void StringArray::push_back(std::string_view text) {
  text_ += text;
  ends_.push_back(static_cast<uint32_t>(text_.size()));
}

size_t Array::size() const {
  if (const auto* values = strings()) return values->size();
  if (const auto* values = arrays()) return values->size();
  return bytes()->size() / fixed_size(element_type_);
}

const Value* Metadata::find(std::string_view key) const {
  const auto found = std::ranges::find(entries_, key, &Entry::key);
  return found == entries_.end() ? nullptr : &found->value;
}

Result<std::optional<uint64_t>> Metadata::find_unsigned(std::string_view key) const {
  constexpr std::string_view kWanted = "an integer that is not negative";
  const Value* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<Integer> integer = load_integer(value->type(), scalar_bytes(*value).data());
  if (!integer) return wrong_type(key, *value, kWanted);
  if (integer->negative) return does_not_fit(key, *integer, kWanted);
  return integer->bits;
}

Result<std::optional<double>> Metadata::find_number(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<double> number = load_number(value->type(), scalar_bytes(*value).data());
  if (!number) return wrong_type(key, *value, "a number");
  return number;
}

Result<std::optional<bool>> Metadata::find_bool(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::nullopt;
  const bool* truth = std::get_if<bool>(&value->data);
  if (truth == nullptr) return wrong_type(key, *value, "bool");
  return *truth;
}

Result<std::optional<std::string_view>> Metadata::find_string(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::string* text = std::get_if<std::string>(&value->data);
  if (text == nullptr) return wrong_type(key, *value, "string");
  return *text;
}

Result<const StringArray*> Metadata::find_strings(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return nullptr;
  const Array* array = std::get_if<Array>(&value->data);
  const StringArray* strings = array == nullptr ? nullptr : array->strings();
  if (strings == nullptr) return wrong_type(key, *value, "array of string");
  return strings;
}

Result<std::optional<std::vector<float>>> Metadata::find_numbers(std::string_view key) const {
  constexpr std::string_view kWanted = "an array of numbers";
  const Value* value = find(key);
  if (value == nullptr) return std::nullopt;
  const Array* array = std::get_if<Array>(&value->data);
  if (array == nullptr || array->bytes() == nullptr || array->element_type() == ValueType::boolean) {
    return wrong_type(key, *value, kWanted);
  }
  const size_t stride = fixed_size(array->element_type());
  const std::byte* bytes = array->bytes()->data();
  std::vector<float> numbers(array->size());
  for (float& number : numbers) {
    number = static_cast<float>(*load_number(array->element_type(), bytes));
    bytes += stride;
  }
  return numbers;
}

Result<std::optional<std::vector<int64_t>>> Metadata::find_integers(std::string_view key) const {
  constexpr std::string_view kWanted = "an array of integers below 2^63";
  const Value* value = find(key);
  if (value == nullptr) return std::nullopt;
  const Array* array = std::get_if<Array>(&value->data);
  if (array == nullptr || array->bytes() == nullptr) return wrong_type(key, *value, kWanted);
  // A bool is one byte, 0 or 1: an integer here.
  const ValueType type = array->element_type() == ValueType::boolean ? ValueType::u8 : array->element_type();
  if (type == ValueType::f32 || type == ValueType::f64) return wrong_type(key, *value, kWanted);
  const size_t stride = fixed_size(type);
  const std::byte* bytes = array->bytes()->data();
  std::vector<int64_t> integers(array->size());
  for (int64_t& number : integers) {
    const Integer integer = *load_integer(type, bytes);
    if (!integer.negative && integer.bits > std::numeric_limits<int64_t>::max()) {
      return does_not_fit(key, integer, kWanted);
    }
    number = static_cast<int64_t>(integer.bits);
    bytes += stride;
  }
  return integers;
}

Result<uint32_t> Metadata::alignment() const {
  const auto given = find_unsigned("general.alignment");
  if (!given) return fail(ErrorCode::invalid_gguf, given.error().message());
  const uint64_t alignment = given->value_or(kDefaultAlignment);
  const bool is_power_of_two = (alignment & (alignment - 1)) == 0;
  if (alignment == 0 || alignment > kMaxAlignment || (alignment % 8 != 0 && !is_power_of_two)) {
    return fail(ErrorCode::invalid_gguf, "general.alignment is ", alignment,
                ", where a multiple of 8 or a power of two, at most ", kMaxAlignment, ", is wanted");
  }
  return static_cast<uint32_t>(alignment);
}

void Metadata::set(std::string key, Value value) {
  const auto found = std::ranges::find(entries_, key, &Entry::key);
  if (found != entries_.end()) {
    found->value = std::move(value);
  } else {
    entries_.push_back({std::move(key), std::move(value)});
  }
}

void Metadata::remove(std::string_view key) {
  std::erase_if(entries_, [key](const Entry& entry) { return entry.key == key; });
}

}  // namespace chord::gguf
