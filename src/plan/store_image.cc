#include "plan/store_image.h"

#include <algorithm>

namespace chord::plan {
namespace {

// Of one position of a head's keys, or values.
uint64_t cell_bytes(const StoreInfo& store, KvType type, bool values) {
  return quant::bytes_of(element_type(type), values ? store.value_length : store.key_length);
}

// Of the first `positions`, how many the image has.
uint32_t image_positions(const StoreInfo& store, uint32_t positions) {
  return store.kind == StoreKind::ring ? std::min(store.window, positions) : positions;
}

}  // namespace

uint32_t Cells::of(const StoreInfo& store) const {
  if (store.kind != StoreKind::ring) return context;
  return static_cast<uint32_t>(std::min<uint64_t>(uint64_t{store.window} + ring_slack, context));
}

quant::Type element_type(KvType type) {
  switch (type) {
    case KvType::f16:
      return quant::Type::f16;
    case KvType::f32:
      return quant::Type::f32;
    case KvType::q8_0:
      return quant::Type::q8_0;
  }
  __builtin_unreachable();
}

uint64_t image_bytes(std::span<const StoreInfo> stores, KvType type, uint32_t positions) {
  uint64_t bytes = 0;
  for (const StoreInfo& store : stores) {
    bytes += store.head_count * (cell_bytes(store, type, false) + cell_bytes(store, type, true)) *
             image_positions(store, positions);
  }
  return bytes;
}

StorePiece image_piece(std::span<const StoreInfo> stores, KvType type, Cells cells, uint32_t positions,
                       uint64_t offset) {
  uint32_t part = 0;  // keys and values in turn
  while (true) {
    const StoreInfo& store = stores[part / 2];
    const uint64_t cell = cell_bytes(store, type, part % 2 != 0);
    const uint32_t count = image_positions(store, positions);
    const uint64_t head = cell * count;
    if (offset < head * store.head_count) {
      const uint64_t within = offset % head;
      const uint64_t end = cell * cells.of(store);  // of the head's cells, where a ring goes on at its start
      const uint64_t at = (cell * (positions - count) + within) % end;
      return {part / 2, part % 2 != 0, offset / head * end + at, std::min(head - within, end - at)};
    }
    offset -= head * store.head_count;
    ++part;
  }
}

}  // namespace chord::plan
