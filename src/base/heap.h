// What malloc and free are made of where a C library's allocator would be a large part of the download.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace chord {

// Hands out pieces of the memory that it is given, in a time that does not depend on how many there are. Free
// blocks are in lists by size, and join free neighbours at once: both ends of one say how long it is
// ("boundary tags": Knuth, The Art of Computer Programming 1, 2.5). The lists are those of Masmano et al.,
// "TLSF: a new dynamic memory allocator for real-time systems" (2004), four for each power of two.
class Heap {
 public:
  // Of all that is handed out.
  static constexpr size_t kAlignment = 16;

  // Also hands out of [begin, end). What follows what was added last is joined to it; anything else lies by
  // itself.
  void add(std::byte* begin, std::byte* end);

  // nullptr if there is no such block.
  void* allocate(size_t bytes);

  // Takes back what allocate() gave; nullptr is nothing.
  void free(void* memory);

  // How much has to be added behind what was added last for `bytes`, at most kMaxBytes, to be there.
  size_t missing(size_t bytes) const;
  static constexpr size_t kMaxBytes = SIZE_MAX / 2;

 private:
  struct Block;
  // Sizes below 4 units of kAlignment have a list each, and from then on there are four up to the double.
  static constexpr size_t kLists = size_t{4} * (8 * sizeof(size_t) - 5);

  static size_t list_of(size_t size);
  Block* find(size_t size) const;
  void insert(Block* block, size_t size);
  void remove(Block* block);

  std::array<Block*, kLists> lists_ = {};
  // A bit for each list: whether it has blocks.
  std::array<uint64_t, (kLists + 63) / 64> occupied_ = {};
  // Ends the memory that was added last: a block of no bytes, which is never free.
  Block* end_ = nullptr;
};

}  // namespace chord
