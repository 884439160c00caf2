// The K-quants: scale_search.h finds the scales and quanta, this packs them.
#include <cstring>

#include "quant/encode_block.h"
#include "quant/packed_scales.h"
#include "quant/scale_search.h"

namespace chord::quant {
namespace {

// Two bits of each quantum, from bit `shift` of it, in the order of BlockQ2K::qs.
void pack_pairs(const uint8_t (&q)[256], int shift, uint8_t (&packed)[64]) {
  for (size_t i = 0; i < 64; ++i) {
    const uint8_t* column = q + i / 32 * 128 + i % 32;
    int byte = 0;
    for (size_t k = 0; k < 4; ++k) byte |= (column[k * 32] >> shift & 3) << (2 * k);
    packed[i] = static_cast<uint8_t>(byte);
  }
}

// Bits 0-3 of each quantum, in the order of BlockQ4K::qs.
void pack_nibbles(const uint8_t (&q)[256], uint8_t (&packed)[128]) {
  for (size_t i = 0; i < 128; ++i) {
    const uint8_t* column = q + i / 32 * 64 + i % 32;
    packed[i] = static_cast<uint8_t>((column[0] & 15) | (column[32] & 15) << 4);
  }
}

// One bit of each quantum, in the order of BlockQ3K::hmask.
void pack_bits(const uint8_t (&q)[256], int bit, uint8_t (&packed)[32]) {
  for (size_t i = 0; i < 32; ++i) {
    int byte = 0;
    for (size_t k = 0; k < 8; ++k) byte |= (q[k * 32 + i] >> bit & 1) << k;
    packed[i] = static_cast<uint8_t>(byte);
  }
}

void pack_scale_mins(const AffineBlock<8>& found, uint8_t (&packed)[12]) {
  ScaleMin values[8];
  for (size_t b = 0; b < 8; ++b) values[b] = {.scale = found.scale[b], .min = found.min[b]};
  pack_scale_mins(values, packed);
}

}  // namespace

void encode_block(std::span<const float, 256> weights, BlockQ2K& block) {
  const auto found = search_affine<16, 3, 15>(weights);
  block.d = found.d;
  block.dmin = found.dmin;
  for (size_t b = 0; b < 16; ++b) block.scales[b] = static_cast<uint8_t>(found.scale[b] | found.min[b] << 4);
  pack_pairs(found.q, 0, block.qs);
}

void encode_block(std::span<const float, 256> weights, BlockQ3K& block) {
  const auto found = search_symmetric<4, 32>(weights);
  block.d = found.d;
  pack_scales_q3(found.scale, block.scales);
  pack_pairs(found.q, 0, block.qs);
  pack_bits(found.q, 2, block.hmask);
}

void encode_block(std::span<const float, 256> weights, BlockQ4K& block) {
  const auto found = search_affine<8, 15, 63>(weights);
  block.d = found.d;
  block.dmin = found.dmin;
  pack_scale_mins(found, block.scales);
  pack_nibbles(found.q, block.qs);
}

void encode_block(std::span<const float, 256> weights, BlockQ5K& block) {
  const auto found = search_affine<8, 31, 63>(weights);
  block.d = found.d;
  block.dmin = found.dmin;
  pack_scale_mins(found, block.scales);
  pack_nibbles(found.q, block.qs);
  pack_bits(found.q, 4, block.qh);
}

void encode_block(std::span<const float, 256> weights, BlockQ6K& block) {
  const auto found = search_symmetric<32, 128>(weights);
  block.d = found.d;
  std::memcpy(block.scales, found.scale, sizeof block.scales);
  pack_pairs(found.q, 4, block.qh);
  for (size_t i = 0; i < 128; ++i) {
    const uint8_t* column = found.q + i / 64 * 128 + i % 64;
    block.ql[i] = static_cast<uint8_t>((column[0] & 15) | (column[64] & 15) << 4);
  }
}

}  // namespace chord::quant
