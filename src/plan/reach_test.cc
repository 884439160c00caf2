#include "plan/reach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/store_image.h"

namespace chord::plan {
namespace {

constexpr StoreInfo kPlain = {
    .kind = StoreKind::kv, .head_count = 2, .key_length = 2, .value_length = 4, .window = 0};
constexpr StoreInfo kRing = {
    .kind = StoreKind::ring, .head_count = 2, .key_length = 2, .value_length = 4, .window = 5};

TEST(Reach, OfPlainStoresIsTheWholeText) {
  const StoreInfo stores[] = {kPlain, kPlain};
  Reach reach(stores, 3);
  reach.store(0, 1000);
  EXPECT_TRUE(reach.holds(1));
  reach.load(500);
  EXPECT_TRUE(reach.holds(1));
}

// Of a ring of 5 + 3 cells.
TEST(Reach, OfARingEndsWhereCellsWereOverwritten) {
  const StoreInfo stores[] = {kPlain, kRing};
  Reach reach(stores, 3);
  reach.store(0, 8);
  EXPECT_TRUE(reach.holds(1));
  reach.store(8, 9);  // over position 0, which a query at 5 does not see
  EXPECT_FALSE(reach.holds(5));
  EXPECT_TRUE(reach.holds(6));
  reach.store(6, 7);  // after that, no more is lost than before
  EXPECT_FALSE(reach.holds(5));
  EXPECT_TRUE(reach.holds(6));
  EXPECT_TRUE(reach.holds(0));
  reach.store(0, 2);  // from the start again, nothing is lost
  EXPECT_TRUE(reach.holds(1));
}

TEST(Reach, AfterALoadIsTheLastPosition) {
  const StoreInfo stores[] = {kRing};
  Reach reach(stores, 3);
  reach.load(5);
  EXPECT_TRUE(reach.holds(1));
  reach.load(20);
  EXPECT_FALSE(reach.holds(18));
  EXPECT_TRUE(reach.holds(19));
}

TEST(StoreImage, HasOfARingTheLastWindowWhereverItLies) {
  const StoreInfo stores[] = {kRing, kPlain};
  const Cells cells = {.context = 100, .ring_slack = 3};
  EXPECT_EQ(cells.of(kRing), 8u);
  EXPECT_EQ(cells.of(kPlain), 100u);
  // Of 2 heads, in each of which a position takes 8 bytes for keys and 16 for values.
  EXPECT_EQ(image_bytes(stores, KvType::f32, 10), 240u + 480u);
  EXPECT_EQ(image_bytes(stores, KvType::f32, 3), 144u + 144u);

  const auto expect_piece = [&](uint64_t offset, const StorePiece& expected) {
    const StorePiece piece = image_piece(stores, KvType::f32, cells, 10, offset);
    EXPECT_EQ(piece.store, expected.store) << offset;
    EXPECT_EQ(piece.values, expected.values) << offset;
    EXPECT_EQ(piece.at, expected.at) << offset;
    EXPECT_EQ(piece.length, expected.length) << offset;
  };
  // Positions 5 to 9: cells 5 to 7 and then 0 and 1 of 8.
  expect_piece(0, {0, false, 40, 24});
  expect_piece(12, {0, false, 52, 12});
  expect_piece(24, {0, false, 0, 16});
  expect_piece(40, {0, false, 64 + 40, 24});
  expect_piece(80, {0, true, 80, 48});
  expect_piece(80 + 80 + 48, {0, true, 128, 32});
  expect_piece(240, {1, false, 0, 80});
  expect_piece(240 + 80 + 4, {1, false, 800 + 4, 76});
}

}  // namespace
}  // namespace chord::plan
