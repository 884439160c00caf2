#pragma once

#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

template <class V>
void rotate_head(const Rope& op, const float* turns, const float* x, float* out) {
  using F = typename V::F;
  const uint32_t pairs = op.pair_count;
  const bool halves = op.halves != 0;
  uint32_t i = 0;
  for (; i + V::kLanes <= pairs; i += V::kLanes) {
    F cos;
    F sin;
    V::load_pairs(turns + 2 * i, cos, sin);
    F a;
    F b;
    if (halves) {
      a = V::load(x + i);
      b = V::load(x + i + pairs);
    } else {
      V::load_pairs(x + 2 * i, a, b);
    }
    const F first = a * cos - b * sin;
    const F second = a * sin + b * cos;
    if (halves) {
      V::store(out + i, first);
      V::store(out + i + pairs, second);
    } else {
      V::store_pairs(out + 2 * i, first, second);
    }
  }
  for (; i < pairs; ++i) {
    const float cos = turns[2 * i];
    const float sin = turns[2 * i + 1];
    const uint32_t first = halves ? i : 2 * i;
    const uint32_t second = halves ? i + pairs : 2 * i + 1;
    const float a = x[first];
    const float b = x[second];
    out[first] = a * cos - b * sin;
    out[second] = a * sin + b * cos;
  }
  if (out == x) return;
  for (i = 2 * pairs; i < op.head_length; ++i) out[i] = x[i];
}

template <class V>
void rope(const Step& step, const Rope& op, const Share& share) {
  const auto* turns = at<const float>(op.table);
  const uint32_t heads = step.token_count * op.head_count;
  share.each(heads, parts_of(op.head_length), [&](uint32_t begin, uint32_t end) {
    for (uint64_t head = begin; head < end; ++head) {
      const uint64_t offset = head * op.head_length;
      rotate_head<V>(op, turns + head / op.head_count * op.pair_count * 2, at<const float>(op.x) + offset,
                     at<float>(op.out) + offset);
    }
  });
}

}  // namespace chord::cpu::kernels::generic
