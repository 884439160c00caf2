// Q4_0, Q4_1, Q5_0, Q5_1, Q8_0. The extremes of a block set its scale, as in ggml's reference: the bytes are
// the same, so that two tools' files of these types can be compared.
#include <algorithm>
#include <cmath>

#include "quant/encode_block.h"
#include "quant/half.h"

namespace chord::quant {
namespace {

float reciprocal_in_f16(float scale) {
  // A scale that f16 cannot hold decodes to zeros, whatever the quanta; its reciprocal may be infinite.
  return f32_to_f16(std::abs(scale)) == 0 ? 0.0f : 1.0f / scale;
}

struct Quanta {
  float d;
  float m;
  uint8_t q[32];
};

// w = d * (q - half), q in 0..2*half-1: the weight that is farthest from zero becomes -half exactly.
Quanta quantize_symmetric(std::span<const float, 32> weights, int half) {
  Quanta result = {};
  const float farthest =
      *std::ranges::max_element(weights, {}, [](float weight) { return std::abs(weight); });
  result.d = farthest / static_cast<float>(-half);
  const float inverse = reciprocal_in_f16(result.d);
  for (int i = 0; i < 32; ++i) {
    const int q = static_cast<int>(weights[i] * inverse + (static_cast<float>(half) + 0.5f));
    result.q[i] = static_cast<uint8_t>(std::min(q, 2 * half - 1));
  }
  return result;
}

// w = d * q + m, q in 0..max_q: the smallest weight becomes 0, the largest max_q.
Quanta quantize_affine(std::span<const float, 32> weights, int max_q) {
  Quanta result = {};
  const auto [min, max] = std::ranges::minmax(weights);
  result.m = min;
  result.d = (max - min) / static_cast<float>(max_q);
  const float inverse = reciprocal_in_f16(result.d);
  constexpr float kHalfUp = 0.5f;
  for (int i = 0; i < 32; ++i) {
    const int q = static_cast<int>((weights[i] - min) * inverse + kHalfUp);
    result.q[i] = static_cast<uint8_t>(std::min(q, max_q));
  }
  return result;
}

void pack_low_bits(const uint8_t (&q)[32], uint8_t (&qs)[16]) {
  for (int j = 0; j < 16; ++j) qs[j] = static_cast<uint8_t>((q[j] & 15) | (q[j + 16] & 15) << 4);
}

void pack_high_bits(const uint8_t (&q)[32], uint8_t (&qh)[4]) {
  for (uint8_t& byte : qh) byte = 0;
  for (int i = 0; i < 32; ++i) qh[i / 8] |= static_cast<uint8_t>((q[i] >> 4 & 1) << i % 8);
}

}  // namespace

void encode_block(std::span<const float, 32> weights, BlockQ40& block) {
  const Quanta quanta = quantize_symmetric(weights, 8);
  block.d = f32_to_f16(quanta.d);
  pack_low_bits(quanta.q, block.qs);
}

void encode_block(std::span<const float, 32> weights, BlockQ41& block) {
  const Quanta quanta = quantize_affine(weights, 15);
  block.d = f32_to_f16(quanta.d);
  block.m = f32_to_f16(quanta.m);
  pack_low_bits(quanta.q, block.qs);
}

void encode_block(std::span<const float, 32> weights, BlockQ50& block) {
  const Quanta quanta = quantize_symmetric(weights, 16);
  block.d = f32_to_f16(quanta.d);
  pack_low_bits(quanta.q, block.qs);
  pack_high_bits(quanta.q, block.qh);
}

void encode_block(std::span<const float, 32> weights, BlockQ51& block) {
  const Quanta quanta = quantize_affine(weights, 31);
  block.d = f32_to_f16(quanta.d);
  block.m = f32_to_f16(quanta.m);
  pack_low_bits(quanta.q, block.qs);
  pack_high_bits(quanta.q, block.qh);
}

void encode_block(std::span<const float, 32> weights, BlockQ80& block) {
  float largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(weight));
  const float d = largest / 127;
  const float inverse = reciprocal_in_f16(d);
  block.d = f32_to_f16(d);
  for (int i = 0; i < 32; ++i) block.qs[i] = static_cast<int8_t>(std::round(weights[i] * inverse));
}

}  // namespace chord::quant
