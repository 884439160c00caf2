// Encode: an offline tool's half. Nothing that runs a model links it.
#pragma once

#include <cstddef>
#include <span>

#include "quant/type.h"

namespace chord::quant {

// Whether encode() exists: F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K to Q6_K.
bool can_encode(Type type);

// Writes `weights` as `type`, for which can_encode() holds; weights.size() is a whole number of its blocks
// and out.size() their bytes, at any address.
//
// F32, F16 and BF16 are IEEE conversions (half.h): what overflows becomes infinite, NaN stays NaN. A block
// has nowhere to put either, so in all other types NaN counts as 0, and what lies beyond the largest f16
// (65504), infinity included, counts as that.
//
// Q4_0 to Q8_0 round as ggml's reference does and give the same bytes. The K-quants search for the scales
// with the least squared error (scale_search.h).
void encode(Type type, std::span<const float> weights, std::span<std::byte> out);

}  // namespace chord::quant
