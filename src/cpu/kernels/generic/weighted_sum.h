#pragma once

#include "cpu/kernels/generic/map.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/share.h"

namespace chord::cpu::kernels::generic {

// Columns [begin, end) of a row.
template <class V>
void sum_choices(const WeightedSum& op, uint64_t row, uint32_t begin, uint32_t end) {
  using F = typename V::F;
  const float* x = at<const float>(op.x) + row * op.choices * op.columns;
  const float* weights = at<const float>(op.weights) + row * op.choices;
  const float* residual = at<const float>(op.residual);
  const auto sum_at = [&](uint32_t j, auto load) {
    F sum = {};
#pragma clang loop unroll(disable)
    for (uint32_t c = 0; c < op.choices; ++c) {
      sum = V::add_product(sum, V::splat(weights[c]), load(x + uint64_t{c} * op.columns + j));
    }
    return residual == nullptr ? sum : sum + load(residual + row * op.columns + j);
  };
  float* out = at<float>(op.out) + row * op.columns;
  uint32_t j = begin;
  for (; end - j >= V::kLanes; j += V::kLanes)
    V::store(out + j, sum_at(j, [](const float* p) { return V::load(p); }));
  const uint32_t rest = end - j;
  if (rest != 0) {
    store_some<V>(out + j, sum_at(j, [rest](const float* p) { return load_some<V>(p, rest); }), rest);
  }
}

template <class V>
void weighted_sum(const Step& step, const WeightedSum& op, const Share& share) {
  constexpr uint32_t kPart = 512;  // a multiple of any vector
  const uint32_t parts = (op.columns + kPart - 1) / kPart;
  share.each(row_count(step, op.rows) * parts, 1, [&](uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; ++i) {
      const uint32_t first = i % parts * kPart;
      sum_choices<V>(op, i / parts, first, op.columns - first < kPart ? op.columns : first + kPart);
    }
  });
}

}  // namespace chord::cpu::kernels::generic
