#include "text/merge_table.h"

#include <bit>

#include "text/text_index.h"

namespace chord::text {
namespace {

uint64_t hash_pair(uint32_t left, uint32_t right) {
  const uint64_t hash = (static_cast<uint64_t>(left) << 32 | right) * 0x9E3779B97F4A7C15;
  return (hash ^ hash >> 29) * 0x9E3779B97F4A7C15;
}

uint32_t tag_of_pair(uint64_t hash) {
  return static_cast<uint32_t>(hash & 0xFF) << 24;
}

}  // namespace

void MergeTable::reset(size_t count) {
  merges_.clear();
  merges_.reserve(count);
  slots_.assign(std::bit_ceil(2 * count + 2), 0);
}

bool MergeTable::add(uint32_t left, uint32_t right, uint32_t merged) {
  const auto rank = static_cast<uint32_t>(merges_.size());
  merges_.push_back({left, right, merged});
  const uint64_t hash = hash_pair(left, right);
  const size_t mask = slots_.size() - 1;
  for (uint32_t probe = 0; probe < kMaxProbe; ++probe) {
    uint32_t& slot = slots_[((hash >> 32) + probe) & mask];
    if (slot == 0) {
      slot = tag_of_pair(hash) | (rank + 1);
      return true;
    }
    const Merge& other = merges_[(slot & 0xFFFFFF) - 1];
    if (other.left == left && other.right == right) return true;
  }
  return false;
}

uint32_t MergeTable::rank(uint32_t left, uint32_t right) const {
  const uint64_t hash = hash_pair(left, right);
  const size_t mask = slots_.size() - 1;
  for (uint32_t probe = 0; probe < kMaxProbe; ++probe) {
    const uint32_t slot = slots_[((hash >> 32) + probe) & mask];
    if (slot == 0) return kNone;
    if ((slot & 0xFF000000) != tag_of_pair(hash)) continue;
    const uint32_t rank = (slot & 0xFFFFFF) - 1;
    if (merges_[rank].left == left && merges_[rank].right == right) return rank;
  }
  return kNone;
}

}  // namespace chord::text
