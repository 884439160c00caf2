#include "abi/metadata_text.h"

#include "base/error.h"

namespace chord::abi {
namespace {

template <class T>
std::string scalar_text(const T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return value;
  } else if constexpr (std::is_same_v<T, gguf::Array>) {
    return concat(gguf::name(value.element_type()), "[", value.size(), "]");
  } else if constexpr (std::is_same_v<T, float>) {
    return concat(double{value});
  } else {
    return concat(value);
  }
}

}  // namespace

std::string to_text(const gguf::Value& value) {
  return std::visit([](const auto& content) { return scalar_text(content); }, value.data);
}

}  // namespace chord::abi
