// How weight matrices lie in memory: in rows, as in the file, or in panels of kPanelRows rows each
// (panels.h), of which the last one is filled up with zeros; Op::pack makes them. And how much room quantized
// activations take.
#pragma once

#include <stdint.h>

#include "cpu/kernels/blocks.h"
#include "cpu/kernels/panels.h"
#include "cpu/kernels/quantized.h"

namespace chord::cpu::kernels {

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
  uint64_t bytes = 0;
  visit_type(type, [&]<class Block>(Block) {
    if constexpr (Block::kLength == 1) {
      bytes = columns * sizeof(Block);
    } else {
      bytes = columns / Block::kLength * sizeof(typename PanelOf<Block>::Type);
    }
  });
  return bytes;
}

// Of a matrix in memory.
static inline uint64_t packed_bytes(Type type, uint64_t columns, uint64_t rows) {
  const uint32_t height = panel_rows(type);
  return (rows + height - 1) / height * panel_bytes(type, columns);
}

// What the matrix product with a type's weights wants of its activations.
static inline Quantization quantization_of(Type type) {
  Quantization result = Quantization::none;
  visit_type(type, [&]<class Block>(Block) {
    if constexpr (Block::kLength != 1) result = quantization_for<typename PanelOf<Block>::Type>();
  });
  return result;
}

// Room for `columns` activations in the variant that needs the most.
static inline uint64_t quantized_bytes(Quantization quantization, uint64_t columns) {
  return block_length(quantization) == ShortBlock<int16_t>::kLength
             ? columns / ShortBlock<int16_t>::kLength * sizeof(ShortBlock<int16_t>)
             : columns / LongBlock<int16_t>::kLength * sizeof(LongBlock<int16_t>);
}

}  // namespace chord::cpu::kernels
