// A tile of cells of a cache as rows of floats.
#pragma once

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/generic/map.h"
#include "cpu/kernels/half.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

inline constexpr uint32_t kTileKeys = 32;
// Q8_0's blocks, and as many columns as have their sums in registers.
inline constexpr uint32_t kGroup = 32;

struct TileRows {
  const float* rows[kTileKeys];
};

template <class V>
void widen_cell(const uint16_t* halves, uint32_t count, float* out) {
  const uint32_t rest = count % V::kLanes;
  const uint32_t whole = count - rest;
  V::widen_halves(halves, whole, out);
  if (rest == 0) return;
  uint16_t last[V::kLanes] = {};
  for (uint32_t lane = 0; lane < rest; ++lane) last[lane] = halves[whole + lane];
  V::store(out + whole, V::load_halves(last));
}

// `count` is a whole number of blocks.
template <class V>
void widen_cell(const Q80* blocks, uint32_t count, float* out) {
  using F = typename V::F;
  for (uint32_t i = 0; i < count; i += 16) {
    const Q80& block = blocks[i / 32];
    const float d = V::widen_half(block.d);
    F quanta[16 / V::kLanes];
    V::to_floats(block.qs + i % 32, quanta);
    for (uint32_t v = 0; v < 16 / V::kLanes; ++v) V::store(out + i + v * V::kLanes, quanta[v] * d);
  }
}

// Elements [begin, begin + count) of the cells of positions [position, position + cell_count), a whole number
// of groups or the last ones; in `out`, `stride` apart, unless they can be read where they are. Whole vectors
// can be read of them; what is beyond the elements is zero.
template <class V>
[[gnu::noinline]] TileRows widen_tile(KvType type, const Cells& cells, uint32_t position, uint32_t cell_count,
                                      uint32_t begin, uint32_t count, float* out, uint32_t stride) {
  TileRows tile;
  uint32_t index = position % cells.count;
  for (uint32_t k = 0; k < cell_count; ++k, out += stride) {
    const uint8_t* cell = cells.data + index * cells.cell_bytes;
    tile.rows[k] = out;
    switch (type) {
      case KvType::f16:
        widen_cell<V>(reinterpret_cast<const uint16_t*>(cell) + begin, count, out);
        break;
      case KvType::q8_0:
        widen_cell<V>(reinterpret_cast<const Q80*>(cell) + begin / kGroup, count, out);
        break;
      case KvType::f32: {
        const float* elements = reinterpret_cast<const float*>(cell) + begin;
        const uint32_t rest = count % V::kLanes;
        if (rest == 0) {
          tile.rows[k] = elements;
        } else {
          __builtin_memcpy(out, elements, (count - rest) * sizeof(float));
          V::store(out + count - rest, load_some<V>(elements + count - rest, rest));
        }
        break;
      }
    }
    if (++index == cells.count) index = 0;
  }
  return tile;
}

}  // namespace chord::cpu::kernels::generic
