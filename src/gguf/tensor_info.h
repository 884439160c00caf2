#pragma once

#include <array>
#include <cstdint>
#include <string>

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

}  // namespace chord::gguf
