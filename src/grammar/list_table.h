// Numbers for lists of numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chord::grammar {

// Equal lists get the same number; the numbers count from 0 in the order in which lists first came.
class ListTable {
 public:
  ListTable() { clear(); }

  uint32_t intern(std::span<const uint32_t> list);
  // Valid until the next intern().
  std::span<const uint32_t> operator[](uint32_t number) const;
  uint32_t size() const { return static_cast<uint32_t>(ends_.size()); }
  // Of all lists together.
  size_t item_count() const { return items_.size(); }
  void clear();

 private:
  void grow();

  std::vector<uint32_t> items_;
  std::vector<uint32_t> ends_;   // of each list, in items_
  std::vector<uint32_t> slots_;  // a hash table: a list's number + 1, or 0
};

}  // namespace chord::grammar
