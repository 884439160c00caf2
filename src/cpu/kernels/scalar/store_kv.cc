#include <stddef.h>

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/half.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {
namespace {

// A block has no place for NaN or infinity: if one is among the 32, its scale, and so every element, becomes
// infinite or NaN.
void quantize(const float* x, Q80& block) {
  uint32_t largest_bits = 0;  // of the magnitudes; NaN is above infinity
  for (uint32_t i = 0; i < 32; ++i) {
    const uint32_t magnitude = bits_of(x[i]) & 0x7fffffffu;
    if (magnitude > largest_bits) largest_bits = magnitude;
  }
  const float d = float_of(largest_bits) / 127;
  const bool usable = d >= 0x1p-126f && largest_bits < 0x7f800000u;
  const float inverse = usable ? 1 / d : 0;
  block.d = f32_to_f16(d);
  for (uint32_t i = 0; i < 32; ++i) {
    constexpr float kRoundF32 = 0x1.8p23f;  // adding it rounds to an integer, ties to even
    block.qs[i] = usable ? static_cast<int8_t>(x[i] * inverse + kRoundF32 - kRoundF32) : int8_t{0};
  }
}

void store(KvType type, const float* x, uint32_t length, uint8_t* cell) {
  switch (type) {
    case KvType::f16:
      for (uint32_t i = 0; i < length; ++i) reinterpret_cast<uint16_t*>(cell)[i] = f32_to_f16(x[i]);
      return;
    case KvType::f32:
      for (uint32_t i = 0; i < length; ++i) reinterpret_cast<float*>(cell)[i] = x[i];
      return;
    case KvType::q8_0:
      for (uint32_t b = 0; b < length / 32; ++b)
        quantize(x + size_t{b} * 32, reinterpret_cast<Q80*>(cell)[b]);
      return;
  }
}

}  // namespace

void Ops::store_kv(const Step& step, const StoreKv& op, const Share& /*share*/) {
  const auto* k = at<const float>(op.k);
  const auto* v = at<const float>(op.v);
  const Cache& cache = op.cache;
  for (uint32_t t = 0; t < step.token_count; ++t) {
    const uint32_t position = step.first_position + t;
    for (uint32_t head = 0; head < cache.head_count; ++head) {
      store(cache.type, k, cache.key_length, cell_of(key_cells(cache, step.slot, head), position));
      store(cache.type, v, cache.value_length, cell_of(value_cells(cache, step.slot, head), position));
      k += cache.key_length;
      v += cache.value_length;
    }
  }
}

}  // namespace chord::cpu::kernels::scalar
