// One block of each type that has an encoder. The weights are finite and within +-65504. The callers outside
// this folder use encode.h.
#pragma once

#include <span>

#include "quant/blocks.h"

namespace chord::quant {

void encode_block(std::span<const float, 32> weights, BlockQ40& block);
void encode_block(std::span<const float, 32> weights, BlockQ41& block);
void encode_block(std::span<const float, 32> weights, BlockQ50& block);
void encode_block(std::span<const float, 32> weights, BlockQ51& block);
void encode_block(std::span<const float, 32> weights, BlockQ80& block);

void encode_block(std::span<const float, 256> weights, BlockQ2K& block);
void encode_block(std::span<const float, 256> weights, BlockQ3K& block);
void encode_block(std::span<const float, 256> weights, BlockQ4K& block);
void encode_block(std::span<const float, 256> weights, BlockQ5K& block);
void encode_block(std::span<const float, 256> weights, BlockQ6K& block);

}  // namespace chord::quant
