// IQ4_NL, IQ4_XS: 4-bit quanta that index a table of levels.
#include "quant/decode_block.h"
#include "quant/half.h"

namespace chord::quant {
namespace {

void decode_levels(const uint8_t* qs, float scale, std::span<float, 32> out) {
  for (int j = 0; j < 16; ++j) {
    out[j] = scale * static_cast<float>(kIq4Levels[qs[j] & 15]);
    out[j + 16] = scale * static_cast<float>(kIq4Levels[qs[j] >> 4]);
  }
}

}  // namespace

void decode_block(const BlockIq4Nl& block, std::span<float, 32> out) {
  decode_levels(block.qs, f16_to_f32(block.d), out);
}

void decode_block(const BlockIq4Xs& block, std::span<float, 256> out) {
  const float d = f16_to_f32(block.d);
  for (size_t b = 0; b < 8; ++b) {
    const int low = block.scales_l[b / 2] >> b % 2 * 4 & 15;
    const int high = block.scales_h >> b * 2 & 3;
    const float scale = d * static_cast<float>((low | high << 4) - 32);
    decode_levels(block.qs + b * 16, scale, out.subspan(b * 32).first<32>());
  }
}

}  // namespace chord::quant
