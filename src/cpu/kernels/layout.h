// How weight matrices lie in memory: in rows, as in the file, or in panels of kPanelRows rows each, of which
// the last one is filled up with zeros. Op::pack brings rows into panels.
#pragma once

#include <stdint.h>

#include "cpu/kernels/blocks.h"

namespace chord::cpu::kernels {

inline constexpr uint32_t kPanelRows = 8;

// Of one row in the file. `columns` is a whole number of blocks.
static inline uint64_t row_bytes(Type type, uint64_t columns) {
  uint64_t bytes = 0;
  visit_type(type, [&]<class Block>(Block) { bytes = columns / Block::kLength * sizeof(Block); });
  return bytes;
}

// kPanelRows, or 1 for a type that keeps its rows.
static inline uint32_t panel_rows(Type type) {
  return type == Type::f32 || type == Type::f16 || type == Type::bf16 ? 1 : kPanelRows;
}

// Of one panel in memory.
static inline uint64_t panel_bytes(Type type, uint64_t columns) {
  return panel_rows(type) * row_bytes(type, columns);
}

// Of a matrix in memory.
static inline uint64_t packed_bytes(Type type, uint64_t columns, uint64_t rows) {
  const uint32_t height = panel_rows(type);
  return (rows + height - 1) / height * panel_bytes(type, columns);
}

}  // namespace chord::cpu::kernels
