#include "cpu/range_allocator.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace chord::cpu {
namespace {

constexpr uint64_t kLimit = 65536;

uint64_t grow_by_pages(uint64_t end) {
  const uint64_t pages = (end + 4095) / 4096 * 4096;
  return pages <= kLimit ? pages : 0;
}

uint64_t refuse(uint64_t) {
  return 0;
}

TEST(RangeAllocator, AlignsReusesAndMerges) {
  RangeAllocator heap(100, 1024, refuse);
  const uint64_t a = *heap.allocate(1);
  const uint64_t b = *heap.allocate(65);
  const uint64_t c = *heap.allocate(64);
  EXPECT_EQ(a, 128u);
  EXPECT_EQ(b, 192u);
  EXPECT_EQ(c, 320u);
  heap.release(a);
  heap.release(b);
  EXPECT_EQ(*heap.allocate(192), 128u);  // what a and b left, as one
  EXPECT_EQ(*heap.allocate(640), 384u);
  heap.release(c);
  EXPECT_EQ(*heap.allocate(0), 320u);
}

TEST(RangeAllocator, NamesBothNumbersWhenItIsFull) {
  RangeAllocator heap(0, 1024, refuse);
  ASSERT_TRUE(heap.allocate(128));
  const auto refused = heap.allocate(1000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::out_of_memory);
  EXPECT_EQ(refused.error().message(), "1000 bytes wanted, 896 available");
  EXPECT_FALSE(heap.allocate(UINT64_MAX));
  EXPECT_FALSE(heap.allocate(UINT64_MAX - 70));
  EXPECT_TRUE(heap.allocate(896));
}

TEST(RangeAllocator, GrowsByWhatTheLastFreeRangeLacks) {
  RangeAllocator heap(4096, 4096, grow_by_pages);
  EXPECT_EQ(*heap.allocate(1024), 4096u);
  EXPECT_EQ(heap.end(), 8192u);
  EXPECT_EQ(*heap.allocate(8192), 5120u);
  EXPECT_EQ(heap.end(), 16384u);
  EXPECT_FALSE(heap.allocate(kLimit));
  EXPECT_EQ(heap.end(), 16384u);
}

TEST(RangeAllocator, NeverGivesOutABytesTwice) {
  std::mt19937 random(1);  // NOLINT(bugprone-random-generator-seed): a failure must come again
  RangeAllocator heap(0, 0, grow_by_pages);
  std::map<uint64_t, uint64_t> used;
  for (int i = 0; i < 5000; ++i) {
    if (random() % 2 == 0) {
      const uint64_t bytes = 1 + random() % 6000;
      const auto address = heap.allocate(bytes);
      if (!address) continue;
      EXPECT_EQ(*address % 64, 0u);
      EXPECT_LE(*address + bytes, kLimit);
      const auto next = used.lower_bound(*address);
      if (next != used.end()) EXPECT_LE(*address + bytes, next->first);
      if (next != used.begin()) EXPECT_LE(std::prev(next)->second, *address);
      used[*address] = *address + bytes;
    } else if (!used.empty()) {
      const auto chosen = std::next(used.begin(), static_cast<std::ptrdiff_t>(random() % used.size()));
      heap.release(chosen->first);
      used.erase(chosen);
    }
  }
  for (const auto& [address, end] : used) heap.release(address);
  EXPECT_EQ(*heap.allocate(heap.end()), 0u);
}

}  // namespace
}  // namespace chord::cpu
