#include "base/heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <span>
#include <vector>

namespace chord {
namespace {

class HeapTest : public testing::Test {
 protected:
  void add(size_t begin, size_t end) { heap_.add(memory_.data() + begin, memory_.data() + end); }

  alignas(Heap::kAlignment) std::array<std::byte, size_t{1} << 16> memory_ = {};
  Heap heap_;
};

TEST_F(HeapTest, HandsOutAlignedPiecesUntilThereAreNone) {
  EXPECT_EQ(heap_.allocate(1), nullptr);
  add(5, 4001);
  size_t pieces = 0;
  while (auto* piece = static_cast<std::byte*>(heap_.allocate(100))) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(piece) % Heap::kAlignment, 0u);
    EXPECT_GE(piece, memory_.data() + 5);
    EXPECT_LE(piece + 100, memory_.data() + 4001);
    std::memset(piece, 1, 100);
    ++pieces;
  }
  EXPECT_GE(pieces, 34u);
  EXPECT_EQ(heap_.allocate(SIZE_MAX), nullptr);
}

TEST_F(HeapTest, JoinsWhatIsFreedInAnyOrder) {
  add(0, 4096);
  std::vector<void*> pieces;
  while (void* piece = heap_.allocate(100)) pieces.push_back(piece);
  EXPECT_EQ(heap_.allocate(2000), nullptr);
  std::ranges::shuffle(pieces, std::mt19937(1));
  for (void* piece : pieces) heap_.free(piece);
  heap_.free(nullptr);
  EXPECT_NE(heap_.allocate(4000), nullptr);
}

TEST_F(HeapTest, JoinsWhatIsAddedBehind) {
  add(0, 1024);
  void* const first = heap_.allocate(600);
  EXPECT_EQ(heap_.allocate(1500), nullptr);
  const size_t missing = heap_.missing(1500);
  EXPECT_GT(missing, 1500u - 424u);
  EXPECT_LE(missing, 1500u - 424u + 64u);
  add(1024, 1024 + missing);
  auto* const second = static_cast<std::byte*>(heap_.allocate(1500));
  ASSERT_NE(second, nullptr);
  EXPECT_LT(second, memory_.data() + 1024);
  heap_.free(first);
  heap_.free(second);
  EXPECT_EQ(heap_.allocate(2000), first);
}

TEST_F(HeapTest, KeepsMemoryThatLiesElsewhereApart) {
  add(0, 1024);
  add(2048, 3072);
  EXPECT_EQ(heap_.allocate(1100), nullptr);
  EXPECT_NE(heap_.allocate(900), nullptr);
  EXPECT_NE(heap_.allocate(900), nullptr);
  EXPECT_EQ(heap_.allocate(900), nullptr);
}

TEST_F(HeapTest, SaysWhatIsMissingAtFirst) {
  add(3, 3 + heap_.missing(1000));
  EXPECT_NE(heap_.allocate(1000), nullptr);
}

// Pieces keep what is written to them, whatever happens around.
TEST_F(HeapTest, KeepsPiecesApart) {
  add(0, memory_.size());
  struct Piece {
    std::span<uint8_t> bytes;
    uint8_t value;
  };
  std::vector<Piece> pieces;
  std::mt19937 random(7);
  for (uint32_t round = 0; round < 4000; ++round) {
    const size_t size = random() % (random() % 16 == 0 ? 8000 : 60);
    if (void* memory = random() % 2 == 0 ? heap_.allocate(size) : nullptr) {
      const Piece piece = {{static_cast<uint8_t*>(memory), size}, static_cast<uint8_t>(round)};
      std::ranges::fill(piece.bytes, piece.value);
      pieces.push_back(piece);
    } else if (!pieces.empty()) {
      std::swap(pieces[random() % pieces.size()], pieces.back());
      const Piece piece = pieces.back();
      ASSERT_TRUE(std::ranges::all_of(piece.bytes, [&](uint8_t value) { return value == piece.value; }));
      heap_.free(piece.bytes.data());
      pieces.pop_back();
    }
  }
  for (const Piece& piece : pieces) heap_.free(piece.bytes.data());
  EXPECT_NE(heap_.allocate(memory_.size() - 64), nullptr);
}

}  // namespace
}  // namespace chord
