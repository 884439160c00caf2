// The two products of attention, for a tile of keys and a few queries at once: what is read of a key or value
// serves all of them.
//
// Whatever is computed beside it, a score is one chain of additions of vectors in the order of the columns,
// and an output is one in the order of the keys.
#pragma once

#include "cpu/kernels/generic/cells.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

inline constexpr uint32_t kTileKeys = 32;

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

// Elements [begin, begin + count) of each of the tile's cells as floats, `stride` apart.
template <class V, class CellType>
[[gnu::noinline]] TileCells widen(const TileCells& tile, uint32_t cell_count, uint32_t begin, uint32_t count,
                                  float* out, uint32_t stride) {
  TileCells widened;
  for (uint32_t k = 0; k < cell_count; ++k, out += stride) {
    widened.cells[k] = reinterpret_cast<const uint8_t*>(out);
    uint32_t i = 0;
    for (; i + kGroup <= count; i += kGroup) {
      const typename CellType::Group group(tile.cells[k], (begin + i) / kGroup);
      for (uint32_t v = 0; v < kGroup / V::kLanes; ++v) V::store(out + i + v * V::kLanes, group.vector(v));
    }
    for (; i < count; i += V::kLanes) {
      const uint32_t rest = count - i < V::kLanes ? count - i : V::kLanes;
      store_some<V>(out + i, CellType::some(tile.cells[k], begin + i, rest), rest);
    }
  }
  return widened;
}

// scores[q][k] = query q · key k
template <class V, class CellType, uint32_t Queries, uint32_t Keys>
void dot_keys(const float* const* queries, const uint8_t* const* keys, uint32_t length,
              float* const* scores) {
  using F = typename V::F;
  F sums[Queries][Keys] = {};
  const uint32_t whole = length / kGroup * kGroup;
  for (uint32_t begin = 0; begin < whole; begin += kGroup) {
    for (uint32_t v = 0; v < kGroup / V::kLanes; ++v) {
      F x[Queries];
      for (uint32_t q = 0; q < Queries; ++q) x[q] = V::load(queries[q] + begin + v * V::kLanes);
      for (uint32_t k = 0; k < Keys; ++k) {
        const F key = typename CellType::Group(keys[k], begin / kGroup).vector(v);
        for (uint32_t q = 0; q < Queries; ++q) sums[q][k] = V::add_product(sums[q][k], key, x[q]);
      }
    }
  }
  for (uint32_t i = whole; i < length; i += V::kLanes) {
    const uint32_t count = length - i < V::kLanes ? length - i : V::kLanes;
    for (uint32_t q = 0; q < Queries; ++q) {
      const F x = load_some<V>(queries[q] + i, count);
      for (uint32_t k = 0; k < Keys; ++k) {
        sums[q][k] = V::add_product(sums[q][k], CellType::some(keys[k], i, count), x);
      }
    }
  }
  for (uint32_t q = 0; q < Queries; ++q) {
    if constexpr (Keys == 4) {
      V::sums(sums[q], scores[q]);
    } else {
      for (uint32_t k = 0; k < Keys; ++k) scores[q][k] = V::sum(sums[q][k]);
    }
  }
}

// The same for all keys of a tile.
template <class V, class CellType, uint32_t Queries>
void dot_tile(const float* const* queries, const TileCells& keys, uint32_t count, uint32_t length,
              float* const* scores) {
  float* out[Queries];
  for (uint32_t q = 0; q < Queries; ++q) out[q] = scores[q];
  uint32_t k = 0;
  for (; k + 4 <= count; k += 4) {
    dot_keys<V, CellType, Queries, 4>(queries, keys.cells + k, length, out);
    for (auto& scores_of_query : out) scores_of_query += 4;
  }
  for (; k < count; ++k) {
    dot_keys<V, CellType, Queries, 1>(queries, keys.cells + k, length, out);
    for (auto& scores_of_query : out) ++scores_of_query;
  }
}

// out[q][i] += Σ weights[q][k] · value k [32 · g + i] over keys [begin, end), for i below 32.
template <class V, class CellType, uint32_t Queries>
void add_group(const float* const* weights, const TileCells& values, uint32_t g, uint32_t begin, uint32_t end,
               float* const* out) {
  using F = typename V::F;
  constexpr uint32_t kVectors = kGroup / V::kLanes;
  constexpr uint32_t kBlock = kVectors < 8 / Queries ? kVectors : 8 / Queries;  // eight sums in registers
  for (uint32_t v = 0; v < kVectors; v += kBlock) {
    F sums[Queries][kBlock];
    for (uint32_t q = 0; q < Queries; ++q) {
      for (uint32_t i = 0; i < kBlock; ++i) sums[q][i] = V::load(out[q] + (v + i) * V::kLanes);
    }
    for (uint32_t k = begin; k < end; ++k) {
      const typename CellType::Group group(values.cells[k], g);
      F x[kBlock];
      for (uint32_t i = 0; i < kBlock; ++i) x[i] = group.vector(v + i);
      for (uint32_t q = 0; q < Queries; ++q) {
        const F weight = V::splat(weights[q][k]);
        for (uint32_t i = 0; i < kBlock; ++i) sums[q][i] = V::add_product(sums[q][i], x[i], weight);
      }
    }
    for (uint32_t q = 0; q < Queries; ++q) {
      for (uint32_t i = 0; i < kBlock; ++i) V::store(out[q] + (v + i) * V::kLanes, sums[q][i]);
    }
  }
}

// The same for elements [begin_column, begin_column + columns) of the values, which are fewer than a group.
template <class V, class CellType>
void add_rest(const float* weights, const TileCells& values, uint32_t begin_column, uint32_t columns,
              uint32_t begin, uint32_t end, float* out) {
  using F = typename V::F;
  for (uint32_t i = 0; i < columns; i += V::kLanes) {
    const uint32_t count = columns - i < V::kLanes ? columns - i : V::kLanes;
    F sum = load_some<V>(out + i, count);
    for (uint32_t k = begin; k < end; ++k) {
      sum =
          V::add_product(sum, CellType::some(values.cells[k], begin_column + i, count), V::splat(weights[k]));
    }
    store_some<V>(out + i, sum, count);
  }
}

}  // namespace chord::cpu::kernels::generic
