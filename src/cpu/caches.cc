#include "cpu/caches.h"

#include "cpu/saturating.h"
#include "plan/store_image.h"
#include "quant/type.h"

namespace chord::cpu {
namespace {

kernels::KvType kernel_type(plan::KvType type) {
  switch (type) {
    case plan::KvType::f16:
      return kernels::KvType::f16;
    case plan::KvType::f32:
      return kernels::KvType::f32;
    case plan::KvType::q8_0:
      return kernels::KvType::q8_0;
  }
  __builtin_unreachable();
}

}  // namespace

Result<Caches> lay_out_caches(const plan::Plan& plan, const plan::ExecutorOptions& options) {
  const quant::TypeTraits type = quant::traits(plan::element_type(options.kv_type));
  Caches caches = {.stores = {}, .bytes = 0};
  const plan::Cells cells_of = cells(options);
  for (const plan::StoreInfo& store : plan.stores) {
    if (store.kind == plan::StoreKind::recurrent) {
      return fail(ErrorCode::unsupported_architecture, "the CPU has no op for a recurrent store");
    }
    for (const uint32_t length : {store.key_length, store.value_length}) {
      if (length % type.block_length == 0) continue;
      return fail(ErrorCode::invalid_argument, "heads of ", length, " elements cannot be kept as ", type.name,
                  ", whose blocks have ", type.block_length, "; use a KV cache of F16");
    }
    const uint32_t cells = cells_of.of(store);
    const auto slot_bytes = [&](uint32_t length) {
      return saturating_multiply(quant::bytes_of(type.type, length), uint64_t{store.head_count} * cells);
    };
    kernels::Cache cache = {.keys = caches.bytes,
                            .values = 0,
                            .slot_bytes = slot_bytes(store.key_length),
                            .head_count = store.head_count,
                            .key_length = store.key_length,
                            .value_length = store.value_length,
                            .cell_count = cells,
                            .type = kernel_type(options.kv_type),
                            .reserved = 0};
    cache.values = saturating_align(saturating_add(cache.keys, cache.slot_bytes));
    caches.bytes = saturating_align(saturating_add(cache.values, slot_bytes(store.value_length)));
    caches.stores.push_back(cache);
  }
  return caches;
}

}  // namespace chord::cpu
