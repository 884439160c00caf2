#include "plan/store_image.h"

namespace chord::plan {
namespace {

// Of one position of a head's keys, or values.
uint64_t cell_bytes(const StoreInfo& store, KvType type, bool values) {
  return quant::bytes_of(element_type(type), values ? store.value_length : store.key_length);
}

}  // namespace

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
    bytes += store.head_count * (cell_bytes(store, type, false) + cell_bytes(store, type, true));
  }
  return bytes * positions;
}

StorePiece image_piece(std::span<const StoreInfo> stores, KvType type, uint32_t cells, uint32_t positions,
                       uint64_t offset) {
  uint32_t part = 0;  // keys and values in turn
  while (true) {
    const StoreInfo& store = stores[part / 2];
    const uint64_t cell = cell_bytes(store, type, part % 2 != 0);
    const uint64_t head = cell * positions;
    if (offset < head * store.head_count) {
      const uint64_t within = offset % head;
      return {part / 2, part % 2 != 0, offset / head * cell * cells + within, head - within};
    }
    offset -= head * store.head_count;
    ++part;
  }
}

}  // namespace chord::plan
