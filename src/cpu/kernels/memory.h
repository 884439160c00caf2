// From a command's addresses to objects.
#pragma once

#include <stdint.h>

#include "cpu/kernels/command.h"

namespace chord::cpu::kernels {

// Functions of the shared headers have internal linkage: every variant compiles them with flags of its own,
// and a linker that merged the copies could give a plain processor the AVX2 one.

template <class T>
static inline T* at(Address address) {
  return reinterpret_cast<T*>(static_cast<uintptr_t>(address));
}

static inline uint32_t row_count(const Step& step, Rows rows) {
  return rows == Rows::tokens ? step.token_count : step.output_count;
}

// The part of a cache that one sequence and one head see: cells of `length` elements.
static inline uint64_t element_bytes(KvType type, uint32_t length) {
  switch (type) {
    case KvType::f16:
      return uint64_t{length} * 2;
    case KvType::f32:
      return uint64_t{length} * 4;
    case KvType::q8_0:
      return uint64_t{length} / 32 * 34;
  }
  __builtin_unreachable();
}

struct Cells {
  uint8_t* data;
  uint64_t cell_bytes;
  uint32_t count;
};

static inline uint8_t* cell_of(const Cells& cells, uint32_t position) {
  return cells.data + position % cells.count * cells.cell_bytes;
}

static inline Cells key_cells(const Cache& cache, uint32_t slot, uint32_t head) {
  const uint64_t bytes = element_bytes(cache.type, cache.key_length);
  return {
      .data = at<uint8_t>(cache.keys + slot * cache.slot_bytes + uint64_t{head} * cache.cell_count * bytes),
      .cell_bytes = bytes,
      .count = cache.cell_count};
}

static inline Cells value_cells(const Cache& cache, uint32_t slot, uint32_t head) {
  const uint64_t bytes = element_bytes(cache.type, cache.value_length);
  const uint64_t slot_bytes = bytes * cache.cell_count * cache.head_count;
  return {.data = at<uint8_t>(cache.values + slot * slot_bytes + uint64_t{head} * cache.cell_count * bytes),
          .cell_bytes = bytes,
          .count = cache.cell_count};
}

// The last position that a token's queries attend to.
static inline uint32_t last_visible(const Step& step, const Attention& op, uint32_t token) {
  return step.first_position + (op.causal != 0 ? token : step.token_count - 1);
}

// The first position that a query attends to whose last one is `position`: the window's, among those still in
// the store.
static inline uint32_t first_visible(const Cache& cache, uint32_t window, uint32_t position) {
  uint32_t visible = position + 1;
  if (window != 0 && window < visible) visible = window;
  if (cache.cell_count < visible) visible = cache.cell_count;
  return position + 1 - visible;
}

}  // namespace chord::cpu::kernels
