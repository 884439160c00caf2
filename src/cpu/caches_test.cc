#include "cpu/caches.h"

#include <gtest/gtest.h>

#include "cpu/saturating.h"

namespace chord::cpu {
namespace {

plan::Plan plan_with(const plan::StoreInfo& store) {
  plan::Plan plan;
  plan.stores = {store, store};
  return plan;
}

constexpr plan::StoreInfo kStore = {
    .kind = plan::StoreKind::kv, .head_count = 3, .key_length = 32, .value_length = 64, .window = 0};
constexpr plan::ExecutorOptions kCacheOptions = {
    .context_length = 100, .max_tokens = 8, .max_outputs = 8, .kv_type = plan::KvType::f16};

TEST(Caches, HoldACellForEachPosition) {
  const Caches caches = *lay_out_caches(plan_with(kStore), kCacheOptions);
  ASSERT_EQ(caches.stores.size(), 2u);
  EXPECT_EQ(caches.stores[0].cell_count, 100u);
  EXPECT_EQ(caches.stores[0].slot_bytes, 3u * 100 * 32 * 2);
  EXPECT_EQ(caches.stores[0].values, 19200u);
  EXPECT_EQ(caches.stores[1].keys, 57600u);
  EXPECT_EQ(caches.bytes, 2u * 57600);
}

TEST(Caches, KeepARingsWindowWhileAStepIsStored) {
  plan::StoreInfo ring = kStore;
  ring.kind = plan::StoreKind::ring;
  ring.window = 20;
  EXPECT_EQ(lay_out_caches(plan_with(ring), kCacheOptions)->stores[0].cell_count, 28u);
  ring.window = 98;
  EXPECT_EQ(lay_out_caches(plan_with(ring), kCacheOptions)->stores[0].cell_count, 100u);
}

TEST(Caches, CountBlocksOfQ8) {
  plan::ExecutorOptions options = kCacheOptions;
  options.kv_type = plan::KvType::q8_0;
  EXPECT_EQ(lay_out_caches(plan_with(kStore), options)->stores[0].slot_bytes, 3u * 100 * 34);
  plan::StoreInfo odd = kStore;
  odd.value_length = 80;
  EXPECT_EQ(lay_out_caches(plan_with(odd), options).error().message(),
            "heads of 80 elements cannot be kept as Q8_0, whose blocks have 32; use a KV cache of F16");
}

TEST(Caches, SayThatTheyCannotBeCounted) {
  plan::StoreInfo huge = kStore;
  huge.head_count = UINT32_MAX;
  plan::ExecutorOptions options = kCacheOptions;
  options.context_length = UINT32_MAX;
  EXPECT_EQ(lay_out_caches(plan_with(huge), options)->bytes, kTooMany);
}

TEST(Caches, RefuseRecurrentStores) {
  plan::StoreInfo state = kStore;
  state.kind = plan::StoreKind::recurrent;
  EXPECT_EQ(lay_out_caches(plan_with(state), kCacheOptions).error().code(),
            ErrorCode::unsupported_architecture);
}

}  // namespace
}  // namespace chord::cpu
