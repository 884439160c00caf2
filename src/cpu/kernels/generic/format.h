// The weight types as a table for the loops over rows.
#pragma once

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/generic/decode.h"
#include "cpu/kernels/half.h"

namespace chord::cpu::kernels::generic {

// Writes the `count` weights of the blocks at `source`; count is a whole number of blocks.
template <class V, class Block>
void decode_blocks(const uint8_t* source, uint32_t count, float* out) {
  const auto* blocks = reinterpret_cast<const Block*>(source);
  for (uint32_t i = 0; i < count / Block::kLength; ++i) decode<V>(blocks[i], out + i * Block::kLength);
}

template <class V>
void decode_f32(const uint8_t* source, uint32_t count, float* out) {
  __builtin_memcpy(out, source, count * sizeof(float));
}

template <class V>
void decode_f16(const uint8_t* source, uint32_t count, float* out) {
  const auto* halves = reinterpret_cast<const uint16_t*>(source);
  uint32_t i = 0;
  for (; i + V::kLanes <= count; i += V::kLanes) V::store(out + i, V::load_halves(halves + i));
  for (; i < count; ++i) out[i] = V::widen_half(halves[i]);
}

template <class V>
void decode_bf16(const uint8_t* source, uint32_t count, float* out) {
  const auto* halves = reinterpret_cast<const uint16_t*>(source);
  uint32_t i = 0;
  for (; i + V::kLanes <= count; i += V::kLanes) V::store(out + i, V::load_bf16(halves + i));
  for (; i < count; ++i) out[i] = bf16_to_f32(halves[i]);
}

struct Format {
  void (*decode)(const uint8_t* source, uint32_t count, float* out);
  uint32_t block_length;
  uint32_t block_bytes;
};

static inline uint64_t bytes_of(const Format& format, uint64_t weights) {
  return weights / format.block_length * format.block_bytes;
}

template <class V>
Format format_of(Type type) {
  Format format = {};
  visit_type(type, [&]<class Block>(Block) {
    format = {.decode = nullptr, .block_length = Block::kLength, .block_bytes = sizeof(Block)};
    if constexpr (__is_same(Block, F32)) {
      format.decode = decode_f32<V>;
    } else if constexpr (__is_same(Block, F16)) {
      format.decode = decode_f16<V>;
    } else if constexpr (__is_same(Block, Bf16)) {
      format.decode = decode_bf16<V>;
    } else {
      format.decode = decode_blocks<V, Block>;
    }
  });
  return format;
}

}  // namespace chord::cpu::kernels::generic
