// The K-quants: 256 weights in sub-blocks with scales of their own.
#include "quant/decode_block.h"
#include "quant/half.h"
#include "quant/packed_scales.h"

namespace chord::quant {

void decode_block(const BlockQ2K& block, std::span<float, 256> out) {
  const float d = f16_to_f32(block.d);
  const float dmin = f16_to_f32(block.dmin);
  for (size_t b = 0; b < 16; ++b) {
    const float scale = d * static_cast<float>(block.scales[b] & 15);
    const float min = dmin * static_cast<float>(block.scales[b] >> 4);
    const uint8_t* qs = block.qs + b / 8 * 32 + b % 2 * 16;
    const size_t shift = b % 8 / 2 * 2;
    for (size_t j = 0; j < 16; ++j) {
      out[b * 16 + j] = scale * static_cast<float>(qs[j] >> shift & 3) - min;
    }
  }
}

void decode_block(const BlockQ3K& block, std::span<float, 256> out) {
  const float d = f16_to_f32(block.d);
  for (size_t b = 0; b < 16; ++b) {
    const float scale = d * static_cast<float>(unpack_scale_q3(block.scales, b));
    const uint8_t* qs = block.qs + b / 8 * 32 + b % 2 * 16;
    const uint8_t* hmask = block.hmask + b % 2 * 16;
    const size_t shift = b % 8 / 2 * 2;
    for (size_t j = 0; j < 16; ++j) {
      const int q = (qs[j] >> shift & 3) | (hmask[j] >> b / 2 & 1) << 2;
      out[b * 16 + j] = scale * static_cast<float>(q - 4);
    }
  }
}

void decode_block(const BlockQ4K& block, std::span<float, 256> out) {
  const float d = f16_to_f32(block.d);
  const float dmin = f16_to_f32(block.dmin);
  for (size_t b = 0; b < 8; ++b) {
    const ScaleMin packed = unpack_scale_min(block.scales, b);
    const float scale = d * static_cast<float>(packed.scale);
    const float min = dmin * static_cast<float>(packed.min);
    const uint8_t* qs = block.qs + b / 2 * 32;
    const size_t shift = b % 2 * 4;
    for (size_t j = 0; j < 32; ++j) {
      out[b * 32 + j] = scale * static_cast<float>(qs[j] >> shift & 15) - min;
    }
  }
}

void decode_block(const BlockQ5K& block, std::span<float, 256> out) {
  const float d = f16_to_f32(block.d);
  const float dmin = f16_to_f32(block.dmin);
  for (size_t b = 0; b < 8; ++b) {
    const ScaleMin packed = unpack_scale_min(block.scales, b);
    const float scale = d * static_cast<float>(packed.scale);
    const float min = dmin * static_cast<float>(packed.min);
    const uint8_t* qs = block.qs + b / 2 * 32;
    const size_t shift = b % 2 * 4;
    for (size_t j = 0; j < 32; ++j) {
      const int q = (qs[j] >> shift & 15) | (block.qh[j] >> b & 1) << 4;
      out[b * 32 + j] = scale * static_cast<float>(q) - min;
    }
  }
}

void decode_block(const BlockQ6K& block, std::span<float, 256> out) {
  const float d = f16_to_f32(block.d);
  for (size_t b = 0; b < 16; ++b) {
    const size_t half = b / 8;         // 128 weights
    const size_t quarter = b % 8 / 2;  // 32 weights of the half
    const float scale = d * static_cast<float>(block.scales[b]);
    const uint8_t* ql = block.ql + half * 64 + quarter % 2 * 32 + b % 2 * 16;
    const uint8_t* qh = block.qh + half * 32 + b % 2 * 16;
    for (size_t j = 0; j < 16; ++j) {
      const int q = (ql[j] >> quarter / 2 * 4 & 15) | (qh[j] >> quarter * 2 & 3) << 4;
      out[b * 16 + j] = scale * static_cast<float>(q - 32);
    }
  }
}

void decode_block(const BlockQ8K& block, std::span<float, 256> out) {
  for (size_t i = 0; i < 256; ++i) out[i] = block.d * static_cast<float>(block.qs[i]);
}

}  // namespace chord::quant
