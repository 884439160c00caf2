// The element types of a cache: read 32 at a time, or fewer at the end of a cell.
#pragma once

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/generic/map.h"

namespace chord::cpu::kernels::generic {

inline constexpr uint32_t kGroup = 32;

// A type has: Group(cell, g), the elements [32g, 32g + 32) of a cell, whose vector(i) is its i-th vector;
// and some(cell, i, count): elements [i, i + count), count < kLanes, then zeros.

template <class V>
struct CellsF32 {
  struct Group {
    const float* p;
    Group(const uint8_t* cell, uint32_t g) : p(reinterpret_cast<const float*>(cell) + g * kGroup) {}
    typename V::F vector(uint32_t i) const { return V::load(p + i * V::kLanes); }
  };
  static typename V::F some(const uint8_t* cell, uint32_t i, uint32_t count) {
    return load_some<V>(reinterpret_cast<const float*>(cell) + i, count);
  }
};

template <class V>
struct CellsF16 {
  struct Group {
    const uint16_t* p;
    Group(const uint8_t* cell, uint32_t g) : p(reinterpret_cast<const uint16_t*>(cell) + g * kGroup) {}
    typename V::F vector(uint32_t i) const { return V::load_halves(p + i * V::kLanes); }
  };
  static typename V::F some(const uint8_t* cell, uint32_t i, uint32_t count) {
    uint16_t lanes[V::kLanes] = {};
    for (uint32_t lane = 0; lane < count; ++lane)
      lanes[lane] = reinterpret_cast<const uint16_t*>(cell)[i + lane];
    return V::load_halves(lanes);
  }
};

template <class V>
struct CellsQ80 {
  struct Group {
    const int8_t* qs;
    float d;
    Group(const uint8_t* cell, uint32_t g) {
      const Q80& block = reinterpret_cast<const Q80*>(cell)[g];
      qs = block.qs;
      d = V::widen_half(block.d);
    }
    typename V::F vector(uint32_t i) const { return V::load_signed_bytes(qs + i * V::kLanes) * d; }
  };
  // A cell is a whole number of blocks.
  static typename V::F some(const uint8_t* /*cell*/, uint32_t /*i*/, uint32_t /*count*/) {
    return V::splat(0);
  }
};

}  // namespace chord::cpu::kernels::generic
