#pragma once

#include "cpu/kernels/generic/map.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

// Σ function(x[i]). Four chains of additions, so that one does not wait for another.
template <class V, class Function>
float sum_of(const float* x, uint32_t length, Function function) {
  using F = typename V::F;
  constexpr uint32_t kChains = 4;
  constexpr uint32_t kStride = kChains * V::kLanes;
  F sums[kChains] = {};
  uint32_t i = 0;
  for (; i + kStride <= length; i += kStride) {
    for (uint32_t chain = 0; chain < kChains; ++chain) {
      sums[chain] += function(V::load(x + i + chain * V::kLanes));
    }
  }
  float rest = 0;
  for (; i + V::kLanes <= length; i += V::kLanes) sums[0] += function(V::load(x + i));
  if (i < length) {
    float lanes[V::kLanes];
    V::store(lanes, function(load_some<V>(x + i, length - i)));
    for (uint32_t lane = 0; lane < length - i; ++lane) rest += lanes[lane];
  }
  return V::sum((sums[0] + sums[1]) + (sums[2] + sums[3])) + rest;
}

template <class V>
void norm_part(const Norm& op, const float* x, float* out) {
  using F = typename V::F;
  const uint32_t length = op.columns / op.groups;
  const auto* weight = at<const float>(op.weight);
  const auto* bias = at<const float>(op.bias);
  const auto count = static_cast<float>(length);
  const float center = op.layer != 0 ? sum_of<V>(x, length, [](F value) { return value; }) / count : 0;
  const float squares = sum_of<V>(x, length, [=](F value) { return (value - center) * (value - center); });
  const float scale = 1 / __builtin_sqrtf(squares / count + op.epsilon);
  map<V>(x, weight, out, length, [=](F value, F w) { return (value - center) * scale * w; });
  if (bias != nullptr) map<V>(out, bias, out, length, [](F value, F b) { return value + b; });
}

template <class V>
void norm(const Step& step, const Norm& op, const Share& share) {
  const uint32_t length = op.columns / op.groups;
  share.each(row_count(step, op.rows) * op.groups, parts_of(length), [&](uint32_t begin, uint32_t end) {
    for (uint64_t part = begin; part < end; ++part) {
      norm_part<V>(op, at<const float>(op.x) + part * length, at<float>(op.out) + part * length);
    }
  });
}

}  // namespace chord::cpu::kernels::generic
