// What the Gemma models share.
#pragma once

#include "model/config.h"
#include "model/decoder.h"

namespace chord::model {

// Those of Gemma 1 (arXiv:2403.08295): scaled embeddings and GEGLU. Its norms multiply by 1 + weight;
// converters store the sum.
DecoderTraits gemma_traits(const Config& config);

// Of q·k. Of each later generation only the model of 27 billion weights, which files tell by the number of
// its blocks alone, divides by the root of embedding_length / head_count instead of that of the heads'
// length.
float gemma_attention_scale(const Config& config, uint32_t blocks_of_27b);

}  // namespace chord::model
