// One block of each type. The callers outside this folder use decode.h.
#pragma once

#include <span>

#include "quant/blocks.h"

namespace chord::quant {

void decode_block(const BlockQ40& block, std::span<float, 32> out);
void decode_block(const BlockQ41& block, std::span<float, 32> out);
void decode_block(const BlockQ50& block, std::span<float, 32> out);
void decode_block(const BlockQ51& block, std::span<float, 32> out);
void decode_block(const BlockQ80& block, std::span<float, 32> out);

void decode_block(const BlockQ2K& block, std::span<float, 256> out);
void decode_block(const BlockQ3K& block, std::span<float, 256> out);
void decode_block(const BlockQ4K& block, std::span<float, 256> out);
void decode_block(const BlockQ5K& block, std::span<float, 256> out);
void decode_block(const BlockQ6K& block, std::span<float, 256> out);
void decode_block(const BlockQ8K& block, std::span<float, 256> out);

void decode_block(const BlockIq4Nl& block, std::span<float, 32> out);
void decode_block(const BlockIq4Xs& block, std::span<float, 256> out);

}  // namespace chord::quant
