#include "base/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace chord {
namespace {

std::vector<std::byte> sample(size_t length) {
  std::vector<std::byte> bytes(length);
  for (size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::byte>(i * 37 + (i >> 3));
  return bytes;
}

uint64_t hash(std::span<const std::byte> bytes) {
  Hash hash;
  hash.add(bytes);
  return hash.value();
}

TEST(Hash, DoesNotDependOnHowTheBytesAreCut) {
  const auto bytes = sample(61);
  const uint64_t whole = hash(bytes);
  for (size_t first = 0; first <= bytes.size(); ++first) {
    for (size_t second = first; second <= bytes.size(); second += 5) {
      Hash pieces;
      pieces.add(std::span(bytes).first(first));
      pieces.add(std::span(bytes).subspan(first, second - first));
      pieces.add(std::span(bytes).subspan(second));
      EXPECT_EQ(pieces.value(), whole) << first << ", " << second;
    }
  }
}

TEST(Hash, NoticesEveryBitAndTheLength) {
  auto bytes = sample(29);
  std::set<uint64_t> seen = {hash(bytes)};
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_TRUE(seen.insert(hash(bytes)).second) << "bit " << bit;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
  const std::vector<std::byte> zeros(40);
  for (size_t length = 0; length <= zeros.size(); ++length) {
    EXPECT_TRUE(seen.insert(hash(std::span(zeros).first(length))).second) << "zeros: " << length;
  }
}

}  // namespace
}  // namespace chord
