// How the weights of a type lie on the GPU.
#pragma once

#include <cstdint>
#include <string_view>

#include "quant/type.h"

namespace chord::webgpu {

// A block of the file is cut in two, so that what the kernels read most lies at multiples of 16 bytes: bytes
// [main_offset, main_offset + main_bytes) go to one plane, the few others, in order, to a second one behind
// it.
struct Format {
  quant::Type type;
  // As parts of a pipeline's key, the files that define quants_A() and scale_A() (planes.wgsl) of a type with
  // blocks, of one without decode();
  std::string_view shaders;
  // and the file that defines units_A(), load_A() and dot_A() of a type with blocks.
  std::string_view dot8;
  uint32_t main_offset;
  uint32_t main_bytes;  // of a group of 32 weights for the types without blocks
  uint32_t rest_bytes;  // 0: no second plane
};

// nullptr: a type without kernels.
const Format* find_format(quant::Type type);

}  // namespace chord::webgpu
