#include "gguf/tensor_info.h"

#include <algorithm>
#include <string_view>

#include "gguf/limits.h"

namespace chord::gguf {
namespace {

// Types of ggml that chord does not have, so that a message can name what the file was quantized to.
struct ForeignType {
  uint32_t number;
  std::string_view name;
};
constexpr ForeignType kForeignTypes[] = {
    {4, "Q4_2"},   {5, "Q4_3"},   {16, "IQ2_XXS"}, {17, "IQ2_XS"},   {18, "IQ3_XXS"},  {19, "IQ1_S"},
    {21, "IQ3_S"}, {22, "IQ2_S"}, {29, "IQ1_M"},   {31, "Q4_0_4_4"}, {32, "Q4_0_4_8"}, {33, "Q4_0_8_8"},
    {34, "TQ1_0"}, {35, "TQ2_0"}, {39, "MXFP4"},   {40, "NVFP4"},
};

std::string shape(const TensorInfo& tensor) {
  std::string out = concat("[", tensor.dims[0]);
  for (uint32_t i = 1; i < tensor.dimension_count; ++i) out += concat(", ", tensor.dims[i]);
  return out + "]";
}

}  // namespace

Result<quant::Type> find_type(uint32_t type_number) {
  const auto known = quant::find_traits(type_number);
  if (known) return known->type;
  const auto* const foreign = std::ranges::find(kForeignTypes, type_number, &ForeignType::number);
  const std::string_view name = foreign == std::end(kForeignTypes) ? "unknown" : foreign->name;
  return fail(ErrorCode::unsupported_format, "tensor type ", type_number, " (", name,
              ") is not supported; use a file quantized to another type, such as Q8_0 or Q4_K");
}

Result<uint64_t> data_bytes(const TensorInfo& tensor) {
  const quant::TypeTraits traits = quant::traits(tensor.type);
  if (std::ranges::find(tensor.dims, uint64_t{0}) != tensor.dims.end()) {
    return fail(ErrorCode::invalid_gguf, "a dimension of ", shape(tensor), " is zero");
  }
  if (tensor.dims[0] % traits.block_length != 0) {
    return fail(ErrorCode::invalid_gguf, "its rows of ", tensor.dims[0], " are not a whole number of ",
                traits.name, " blocks of ", traits.block_length);
  }
  uint64_t bytes = tensor.dims[0] / traits.block_length;
  bool overflow = __builtin_mul_overflow(bytes, traits.block_bytes, &bytes);
  for (size_t i = 1; i < tensor.dims.size(); ++i)
    overflow |= __builtin_mul_overflow(bytes, tensor.dims[i], &bytes);
  // No type has less than a tenth of a byte per weight, so rows() and the number of weights fit as well.
  if (overflow || bytes > kMaxFileBytes) {
    return fail(ErrorCode::invalid_gguf, "its shape ", shape(tensor), " of ", traits.name,
                " is more than the ", kMaxFileBytes, " bytes that a file can have");
  }
  return bytes;
}

}  // namespace chord::gguf
