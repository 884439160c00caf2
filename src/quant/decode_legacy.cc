// Q4_0, Q4_1, Q5_0, Q5_1, Q8_0: 32 weights under one scale.
#include "quant/decode_block.h"
#include "quant/half.h"

namespace chord::quant {
namespace {

// Bit 4 of w[i] of a 5-bit type, in its place.
template <class Block>
int high_bit(const Block& block, int i) {
  return (block.qh[i / 8] >> i % 8 & 1) << 4;
}

}  // namespace

void decode_block(const BlockQ40& block, std::span<float, 32> out) {
  const float d = f16_to_f32(block.d);
  for (int j = 0; j < 16; ++j) {
    out[j] = static_cast<float>((block.qs[j] & 15) - 8) * d;
    out[j + 16] = static_cast<float>((block.qs[j] >> 4) - 8) * d;
  }
}

void decode_block(const BlockQ41& block, std::span<float, 32> out) {
  const float d = f16_to_f32(block.d);
  const float m = f16_to_f32(block.m);
  for (int j = 0; j < 16; ++j) {
    out[j] = static_cast<float>(block.qs[j] & 15) * d + m;
    out[j + 16] = static_cast<float>(block.qs[j] >> 4) * d + m;
  }
}

void decode_block(const BlockQ50& block, std::span<float, 32> out) {
  const float d = f16_to_f32(block.d);
  for (int j = 0; j < 16; ++j) {
    out[j] = static_cast<float>(((block.qs[j] & 15) | high_bit(block, j)) - 16) * d;
    out[j + 16] = static_cast<float>((block.qs[j] >> 4 | high_bit(block, j + 16)) - 16) * d;
  }
}

void decode_block(const BlockQ51& block, std::span<float, 32> out) {
  const float d = f16_to_f32(block.d);
  const float m = f16_to_f32(block.m);
  for (int j = 0; j < 16; ++j) {
    out[j] = static_cast<float>((block.qs[j] & 15) | high_bit(block, j)) * d + m;
    out[j + 16] = static_cast<float>(block.qs[j] >> 4 | high_bit(block, j + 16)) * d + m;
  }
}

void decode_block(const BlockQ80& block, std::span<float, 32> out) {
  const float d = f16_to_f32(block.d);
  for (int i = 0; i < 32; ++i) out[i] = static_cast<float>(block.qs[i]) * d;
}

}  // namespace chord::quant
