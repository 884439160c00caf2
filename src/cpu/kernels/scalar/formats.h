// weight(block, i): the i-th weight of a block.
#pragma once

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/half.h"
#include "cpu/kernels/scales.h"

namespace chord::cpu::kernels::scalar {

// The low nibbles are the first 16 of 32 weights, the high ones the others.
static inline int nibble(const uint8_t* qs, uint32_t i) {
  return qs[i % 16] >> (i / 16 * 4) & 15;
}

static inline float weight(const F32& block, uint32_t /*i*/) {
  return block.value;
}

static inline float weight(const F16& block, uint32_t /*i*/) {
  return f16_to_f32(block.bits);
}

static inline float weight(const Bf16& block, uint32_t /*i*/) {
  return bf16_to_f32(block.bits);
}

static inline float weight(const Q40& block, uint32_t i) {
  return static_cast<float>(nibble(block.qs, i) - 8) * f16_to_f32(block.d);
}

static inline float weight(const Q41& block, uint32_t i) {
  return static_cast<float>(nibble(block.qs, i)) * f16_to_f32(block.d) + f16_to_f32(block.m);
}

static inline float weight(const Q50& block, uint32_t i) {
  const int q = nibble(block.qs, i) | (block.qh[i / 8] >> i % 8 & 1) << 4;
  return static_cast<float>(q - 16) * f16_to_f32(block.d);
}

static inline float weight(const Q51& block, uint32_t i) {
  const int q = nibble(block.qs, i) | (block.qh[i / 8] >> i % 8 & 1) << 4;
  return static_cast<float>(q) * f16_to_f32(block.d) + f16_to_f32(block.m);
}

static inline float weight(const Q80& block, uint32_t i) {
  return static_cast<float>(block.qs[i]) * f16_to_f32(block.d);
}

static inline float weight(const Q2K& block, uint32_t i) {
  const int q = block.qs[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
  const float scale = f16_to_f32(block.d) * static_cast<float>(block.scales[i / 16] & 15);
  const float min = f16_to_f32(block.dmin) * static_cast<float>(block.scales[i / 16] >> 4);
  return scale * static_cast<float>(q) - min;
}

static inline float weight(const Q3K& block, uint32_t i) {
  const int low = block.qs[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
  const int q = low | (block.hmask[i % 32] >> i / 32 & 1) << 2;
  const float scale = f16_to_f32(block.d) * static_cast<float>(unpack_scale_q3(block.scales, i / 16));
  return scale * static_cast<float>(q - 4);
}

static inline float weight(const Q4K& block, uint32_t i) {
  const int q = block.qs[i / 64 * 32 + i % 32] >> (i % 64 / 32 * 4) & 15;
  const ScaleMin packed = unpack_scale_min(block.scales, i / 32);
  const float scale = f16_to_f32(block.d) * static_cast<float>(packed.scale);
  const float min = f16_to_f32(block.dmin) * static_cast<float>(packed.min);
  return scale * static_cast<float>(q) - min;
}

static inline float weight(const Q5K& block, uint32_t i) {
  const int low = block.qs[i / 64 * 32 + i % 32] >> (i % 64 / 32 * 4) & 15;
  const int q = low | (block.qh[i % 32] >> i / 32 & 1) << 4;
  const ScaleMin packed = unpack_scale_min(block.scales, i / 32);
  const float scale = f16_to_f32(block.d) * static_cast<float>(packed.scale);
  const float min = f16_to_f32(block.dmin) * static_cast<float>(packed.min);
  return scale * static_cast<float>(q) - min;
}

static inline float weight(const Q6K& block, uint32_t i) {
  const uint32_t half = i / 128;
  const uint32_t quarter = i % 128 / 32;
  const int low = block.ql[half * 64 + quarter % 2 * 32 + i % 32] >> (quarter / 2 * 4) & 15;
  const int high = block.qh[half * 32 + i % 32] >> (quarter * 2) & 3;
  const uint32_t part = i / 16;
  const float scale = f16_to_f32(block.d) * static_cast<float>(block.scales[part]);
  return scale * static_cast<float>((low | high << 4) - 32);
}

static inline float weight(const Q8K& block, uint32_t i) {
  return block.d * static_cast<float>(block.qs[i]);
}

static inline float weight(const Iq4Nl& block, uint32_t i) {
  return f16_to_f32(block.d) * static_cast<float>(kIq4Levels[nibble(block.qs, i)]);
}

static inline float weight(const Iq4Xs& block, uint32_t i) {
  const int packed = unpack_scale_iq4(block.scales_h, block.scales_l, i / 32);
  const float scale = f16_to_f32(block.d) * static_cast<float>(packed);
  return scale * static_cast<float>(kIq4Levels[nibble(block.qs + i / 32 * 16, i % 32)]);
}

}  // namespace chord::cpu::kernels::scalar
