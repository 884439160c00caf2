// Online softmax (arXiv:1805.02867): the keys are taken a tile at a time, and what was summed before is
// scaled down whenever a larger score turns up. So no more than a tile of scores is ever in memory.
//
// The tiles begin at the first position that the query sees: the result does not depend on how a prompt was
// cut into steps.
#pragma once

#include "cpu/kernels/generic/cells.h"
#include "cpu/kernels/generic/exp.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

inline constexpr uint32_t kTileKeys = 64;

// Where the keys or values of a tile lie.
struct TileCells {
  const uint8_t* cells[kTileKeys];
};

static inline TileCells tile_cells(const Cells& cells, uint32_t position, uint32_t count) {
  TileCells tile;
  uint32_t cell = position % cells.count;
  for (uint32_t k = 0; k < count; ++k) {
    tile.cells[k] = cells.data + cell * cells.cell_bytes;
    if (++cell == cells.count) cell = 0;
  }
  return tile;
}

// out[k] = q · key k, for a few keys at once, so that no addition waits for the one before it.
template <class V, class CellType, uint32_t Keys>
void dot_keys(const float* q, uint32_t length, const uint8_t* const* keys, float* out) {
  using F = typename V::F;
  F sums[Keys] = {};
  const uint32_t groups = length / kGroup;
  for (uint32_t g = 0; g < groups; ++g) {
    for (uint32_t k = 0; k < Keys; ++k) {
      const typename CellType::Group group(keys[k], g);
      for (uint32_t i = 0; i < kGroup / V::kLanes; ++i) {
        sums[k] = V::add_product(sums[k], group.vector(i), V::load(q + g * kGroup + i * V::kLanes));
      }
    }
  }
  for (uint32_t i = groups * kGroup; i < length; i += V::kLanes) {
    const uint32_t count = length - i < V::kLanes ? length - i : V::kLanes;
    const F rest = load_some<V>(q + i, count);
    for (uint32_t k = 0; k < Keys; ++k) {
      sums[k] = V::add_product(sums[k], CellType::some(keys[k], i, count), rest);
    }
  }
  for (uint32_t k = 0; k < Keys; ++k) out[k] = V::sum(sums[k]);
}

// out[i] += Σ weights[k] · value k [i]
template <class V, class CellType>
void add_values(const float* weights, const TileCells& values, uint32_t count, uint32_t length, float* out) {
  using F = typename V::F;
  constexpr uint32_t kVectors = kGroup / V::kLanes;
  const uint32_t groups = length / kGroup;
  for (uint32_t g = 0; g < groups; ++g, out += kGroup) {
    F sums[kVectors];
    for (uint32_t i = 0; i < kVectors; ++i) sums[i] = V::load(out + i * V::kLanes);
    for (uint32_t k = 0; k < count; ++k) {
      const typename CellType::Group group(values.cells[k], g);
      for (uint32_t i = 0; i < kVectors; ++i) {
        sums[i] = V::add_product(sums[i], group.vector(i), V::splat(weights[k]));
      }
    }
    for (uint32_t i = 0; i < kVectors; ++i) V::store(out + i * V::kLanes, sums[i]);
  }
  for (uint32_t i = groups * kGroup; i < length; i += V::kLanes, out += V::kLanes) {
    const uint32_t columns = length - i < V::kLanes ? length - i : V::kLanes;
    F sum = load_some<V>(out, columns);
    for (uint32_t k = 0; k < count; ++k) {
      sum = V::add_product(sum, CellType::some(values.cells[k], i, columns), V::splat(weights[k]));
    }
    store_some<V>(out, sum, columns);
  }
}

// The softmax so far: Σ exp(score − largest), with the largest score seen.
struct Softmax {
  float largest;
  float total;
};

// Turns a tile's products into scores, and −∞ where there is no key.
template <class V>
[[gnu::noinline]] void finish_scores(const Attention& op, uint32_t count, float* scores) {
  using F = typename V::F;
  const float cap = op.soft_cap;
  for (uint32_t i = 0; i < count; i += V::kLanes) {
    F score = V::load(scores + i) * op.scale;
    if (cap != 0) score = tanh<V>(score / cap) * cap;
    V::store(scores + i, score);
  }
  for (uint32_t k = count; k < kTileKeys; ++k) scores[k] = -__builtin_inff();
}

// Turns the scores into weights under the new largest score, and what was summed before likewise.
template <class V>
[[gnu::noinline]] void weigh(float* scores, Softmax& softmax, uint32_t length, float* out) {
  using F = typename V::F;
  float largest = softmax.largest;
  for (uint32_t k = 0; k < kTileKeys; ++k) largest = scores[k] > largest ? scores[k] : largest;
  if (largest > softmax.largest) {
    const float correction = exp<V>(V::splat(softmax.largest - largest))[0];
    softmax = {.largest = largest, .total = softmax.total * correction};
    map<V>(out, out, length, [=](F value) { return value * correction; });
  }
  F total = {};
  for (uint32_t i = 0; i < kTileKeys; i += V::kLanes) {
    const F weight = exp<V>(V::load(scores + i) - largest);
    V::store(scores + i, weight);
    total += weight;
  }
  softmax.total += V::sum(total);
}

template <class V, class CellType>
struct Query {
  using F = typename V::F;

  const Attention& op;
  const float* q;
  Cells keys;
  Cells values;
  float* out;

  // scores[0, count): the products of the query and the keys at positions from `first`.
  void score_tile(uint32_t first, uint32_t count, float* scores) const {
    const TileCells tile = tile_cells(keys, first, count);
    const uint32_t length = op.cache.key_length;
    uint32_t k = 0;
    for (; k + 4 <= count; k += 4) dot_keys<V, CellType, 4>(q, length, tile.cells + k, scores + k);
    for (; k < count; ++k) dot_keys<V, CellType, 1>(q, length, tile.cells + k, scores + k);
  }

  void attend(uint32_t first, uint32_t last, Softmax softmax) const {
    const uint32_t length = op.cache.value_length;
    for (uint32_t i = 0; i < length; ++i) out[i] = 0;
    alignas(64) float scores[kTileKeys] = {};
    for (uint32_t p = first; p <= last; p += kTileKeys) {
      const uint32_t count = last - p < kTileKeys ? last - p + 1 : kTileKeys;
      score_tile(p, count, scores);
      finish_scores<V>(op, count, scores);
      weigh<V>(scores, softmax, length, out);
      add_values<V, CellType>(scores, tile_cells(values, p, count), count, length, out);
    }
    const float total = softmax.total;
    map<V>(out, out, length, [=](F value) { return value / total; });
  }
};

template <class V, class CellType>
void attention_over(const Step& step, const Attention& op, const Share& share) {
  const Cache& cache = op.cache;
  const auto* sinks = at<const float>(op.sinks);
  const uint32_t group = op.head_count / cache.head_count;
  share.each(step.token_count * op.head_count, 1, [&](uint32_t begin, uint32_t end) {
    for (uint64_t index = begin; index < end; ++index) {
      const uint32_t position = step.first_position + static_cast<uint32_t>(index) / op.head_count;
      const uint32_t head = static_cast<uint32_t>(index) % op.head_count;
      const Query<V, CellType> query = {.op = op,
                                        .q = at<const float>(op.q) + index * cache.key_length,
                                        .keys = key_cells(cache, step.slot, head / group),
                                        .values = value_cells(cache, step.slot, head / group),
                                        .out = at<float>(op.out) + index * cache.value_length};
      // A sink is a score whose value is zero. Not −∞, which less itself is NaN.
      const Softmax softmax = sinks != nullptr ? Softmax{.largest = sinks[head], .total = 1}
                                               : Softmax{.largest = -__FLT_MAX__, .total = 0};
      query.attend(first_visible(cache, op.window, position), position, softmax);
    }
  });
}

template <class V>
void attention(const Step& step, const Attention& op, const Share& share) {
  switch (op.cache.type) {
    case KvType::f16:
      return attention_over<V, CellsF16<V>>(step, op, share);
    case KvType::f32:
      return attention_over<V, CellsF32<V>>(step, op, share);
    case KvType::q8_0:
      return attention_over<V, CellsQ80<V>>(step, op, share);
  }
}

}  // namespace chord::cpu::kernels::generic
