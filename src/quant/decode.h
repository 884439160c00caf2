// Reference decode: what the bytes of a tensor mean.
#pragma once

#include <cstddef>
#include <span>

#include "quant/type.h"

namespace chord::quant {

// Writes the weights that `source` holds. The float operations and their order are those that define the type
// (blocks.h), so the result is exact to the bit on every machine.
// `type` is a weight type, out.size() a whole number of its blocks, and source.size() their bytes; `source`
// may lie at any address. Never fails: any bytes are weights, though perhaps infinite or NaN.
void decode(Type type, std::span<const std::byte> source, std::span<float> out);

}  // namespace chord::quant
