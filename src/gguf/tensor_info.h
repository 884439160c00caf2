#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "quant/type.h"

namespace chord::gguf {

// A tensor as the header describes it. dims[0] is the contiguous dimension ("columns", the length of a row);
// unused dimensions are 1. The reader guarantees that offset and bytes lie in the file's data section and
// that dims[0] is a whole number of blocks.
struct TensorInfo {
  std::string name;
  quant::Type type;
  uint32_t dimension_count;  // 1 to 4
  std::array<uint64_t, 4> dims;
  uint64_t offset;  // from the start of the file, not of the data section
  uint64_t bytes;

  uint64_t columns() const { return dims[0]; }
  uint64_t rows() const { return dims[1] * dims[2] * dims[3]; }
};

// The type with this number in a file; unsupported_format, with its name where ggml has one, if chord has
// no such type.
Result<quant::Type> find_type(uint32_t type_number);

// The bytes of the tensor's data, from its type and dims. invalid_gguf if a dimension is zero, if a row is
// not a whole number of blocks, or if the size is above kMaxFileBytes.
Result<uint64_t> data_bytes(const TensorInfo& tensor);

}  // namespace chord::gguf
