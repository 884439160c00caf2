#pragma once

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/half.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

// As in scalar/store_kv.cc, to the bit.
template <class V>
void quantize(const float* x, Q80& block) {
  using F = typename V::F;
  using I = typename V::I;
  constexpr uint32_t kVectors = 32 / V::kLanes;
  I largest = {};
  for (uint32_t i = 0; i < kVectors; ++i) {
    const I magnitude = I(V::load(x + i * V::kLanes)) & INT32_MAX;
    largest = magnitude > largest ? magnitude : largest;
  }
  int32_t largest_bits = 0;
  for (uint32_t lane = 0; lane < V::kLanes; ++lane) {
    if (largest[lane] > largest_bits) largest_bits = largest[lane];
  }
  const float d = float_of(static_cast<uint32_t>(largest_bits)) / 127;
  block.d = f32_to_f16(d);
  if (!(d >= 0x1p-126f && largest_bits < 0x7f800000)) {
    for (int8_t& q : block.qs) q = 0;
    return;
  }
  const float inverse = 1 / d;
  for (uint32_t i = 0; i < kVectors; ++i) {
    // Adding 1.5 * 2^23 rounds to an integer, which is then in the lowest bits.
    const F shifted = V::load(x + i * V::kLanes) * inverse + 0x1.8p23f;
    using Quanta = int8_t __attribute__((vector_size(V::kLanes)));
    const auto quanta = __builtin_convertvector(I(shifted) - 0x4b400000, Quanta);
    __builtin_memcpy(block.qs + i * V::kLanes, &quanta, V::kLanes);
  }
}

template <class V>
void store_halves(const float* x, uint32_t length, uint16_t* out) {
  uint32_t i = 0;
  for (; i + V::kLanes <= length; i += V::kLanes) V::store_halves(out + i, V::load(x + i));
  for (; i < length; ++i) out[i] = f32_to_f16(x[i]);
}

template <class V>
void store_cell(KvType type, const float* x, uint32_t length, uint8_t* cell) {
  switch (type) {
    case KvType::f16:
      return store_halves<V>(x, length, reinterpret_cast<uint16_t*>(cell));
    case KvType::f32:
      __builtin_memcpy(cell, x, length * sizeof(float));
      return;
    case KvType::q8_0:
      for (uint32_t b = 0; b < length / 32; ++b) quantize<V>(x + b * 32, reinterpret_cast<Q80*>(cell)[b]);
      return;
  }
}

template <class V>
void store_kv(const Step& step, const StoreKv& op, const Share& share) {
  const auto* k = at<const float>(op.k);
  const auto* v = at<const float>(op.v);
  const Cache& cache = op.cache;
  const uint32_t heads = step.token_count * cache.head_count;
  share.each(heads, parts_of(cache.key_length), [&](uint32_t begin, uint32_t end) {
    for (uint64_t i = begin; i < end; ++i) {
      const uint32_t position = step.first_position + static_cast<uint32_t>(i) / cache.head_count;
      const uint32_t head = static_cast<uint32_t>(i) % cache.head_count;
      store_cell<V>(cache.type, k + i * cache.key_length, cache.key_length,
                    cell_of(key_cells(cache, step.slot, head), position));
      store_cell<V>(cache.type, v + i * cache.value_length, cache.value_length,
                    cell_of(value_cells(cache, step.slot, head), position));
    }
  });
}

}  // namespace chord::cpu::kernels::generic
