// What a file of a shape declares, before it has weights.
#pragma once

#include <cstdint>

#include "gguf/reader.h"
#include "mix.h"
#include "shapes.h"

namespace chord::cli {

// The metadata and tensors of a model of this shape, as converters write them: matrices of the mix's types,
// norms and rotary factors F32. Only what gguf::Writer takes is set: no offsets.
gguf::Header synth_header(const Shape& shape, const Mix& mix, uint32_t context_length);

}  // namespace chord::cli
