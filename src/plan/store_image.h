// What stores hold of a text, as bytes that one session can hand to another on any device.
#pragma once

#include <cstdint>
#include <span>

#include "plan/device.h"
#include "plan/op.h"
#include "quant/type.h"

namespace chord::plan {

quant::Type element_type(KvType type);

// How many cells the stores of a session have: position p is kept in cell p % cells.
struct Cells {
  uint32_t context;     // of a kv store
  uint32_t ring_slack;  // by how much a ring has more than its window, but no more than a kv store

  uint32_t of(const StoreInfo& store) const;
};

// The image of the first `positions` of kv stores, and of the last of them that the windows of rings hold:
// store by store the keys and then the values, head by head, and of each head position by position.
uint64_t image_bytes(std::span<const StoreInfo> stores, KvType type, uint32_t positions);

// Part of the keys or of the values of a store, which lie there as [head_count, cells, length of a head].
struct StorePiece {
  uint32_t store;
  bool values;
  uint64_t at;      // in bytes, in the keys or in the values
  uint64_t length;  // in bytes
};

// What follows in the image from `offset`, below its end, on in one piece.
StorePiece image_piece(std::span<const StoreInfo> stores, KvType type, Cells cells, uint32_t positions,
                       uint64_t offset);

}  // namespace chord::plan
