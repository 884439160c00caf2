// The two products of attention, for a tile of keys and two queries at once: what is read of a key or value
// serves both.
//
// Whatever is computed beside it, a score is one chain of additions of vectors in the order of the columns,
// and an output is one in the order of the keys.
#pragma once

#include "cpu/kernels/generic/cells.h"

namespace chord::cpu::kernels::generic {

// scores[q][k] += query q · key k, for four keys and columns [0, length).
template <class V, uint32_t Queries>
void dot_keys(const float* const* queries, const float* const* keys, uint32_t length, float* const* scores) {
  using F = typename V::F;
  F sums[Queries][4] = {};
  const auto accumulate = [&](uint32_t i, const F(&x)[Queries]) {
    for (uint32_t k = 0; k < 4; ++k) {
      const F key = V::load(keys[k] + i);
      for (uint32_t q = 0; q < Queries; ++q) sums[q][k] = V::add_product(sums[q][k], key, x[q]);
    }
  };
  F x[Queries];
  const uint32_t rest = length % V::kLanes;
  const uint32_t whole = length - rest;
  for (uint32_t i = 0; i < whole; i += V::kLanes) {
    for (uint32_t q = 0; q < Queries; ++q) x[q] = V::load(queries[q] + i);
    accumulate(i, x);
  }
  if (rest != 0) {
    for (uint32_t q = 0; q < Queries; ++q) x[q] = load_some<V>(queries[q] + whole, rest);
    accumulate(whole, x);
  }
  for (uint32_t q = 0; q < Queries; ++q) {
    float products[4];
    V::sums(sums[q], products);
    for (uint32_t k = 0; k < 4; ++k) scores[q][k] += products[k];
  }
}

// The same for all keys of a tile, whose number is a multiple of four.
template <class V, uint32_t Queries>
[[gnu::noinline]] void dot_tile(const float* const* queries, const TileRows& keys, uint32_t count,
                                uint32_t length, float* const* scores) {
  for (uint32_t k = 0; k < count; k += 4) {
    float* at_key[Queries];
    for (uint32_t q = 0; q < Queries; ++q) at_key[q] = scores[q] + k;
    dot_keys<V, Queries>(queries, keys.rows + k, length, at_key);
  }
}

// out[q][i] += Σ weights[q][k] · value k [i] over keys [begin, end), for a group of columns from `column` on.
template <class V, uint32_t Queries>
[[gnu::noinline]] void add_group(const float* const* weights, const TileRows& values, uint32_t column,
                                 uint32_t begin, uint32_t end, float* const* out) {
  using F = typename V::F;
  constexpr uint32_t kVectors = kGroup / V::kLanes;
  constexpr uint32_t kBlock = kVectors < 8 / Queries ? kVectors : 8 / Queries;  // eight sums in registers
  for (uint32_t v = column; v < column + kGroup; v += kBlock * V::kLanes) {
    F sums[Queries][kBlock];
    for (uint32_t q = 0; q < Queries; ++q) {
      for (uint32_t i = 0; i < kBlock; ++i) sums[q][i] = V::load(out[q] + v + i * V::kLanes);
    }
    for (uint32_t k = begin; k < end; ++k) {
      const float* value = values.rows[k] + v;
      F weight[Queries];
      for (uint32_t q = 0; q < Queries; ++q) weight[q] = V::splat(weights[q][k]);
      for (uint32_t i = 0; i < kBlock; ++i) {
        const F x = V::load(value + i * V::kLanes);
        for (uint32_t q = 0; q < Queries; ++q) sums[q][i] = V::add_product(sums[q][i], x, weight[q]);
      }
    }
    for (uint32_t q = 0; q < Queries; ++q) {
      for (uint32_t i = 0; i < kBlock; ++i) V::store(out[q] + v + i * V::kLanes, sums[q][i]);
    }
  }
}

}  // namespace chord::cpu::kernels::generic
