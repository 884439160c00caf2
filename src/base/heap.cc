#include "base/heap.h"

#include <algorithm>
#include <bit>

namespace chord {
namespace {

// The compiler must not move what others do with their memory past what is done with it here.
using Word [[gnu::may_alias]] = size_t;

constexpr size_t kMinSize = 4 * sizeof(Word);  // what a free block holds

// In the lowest bits of a block's size, which is a multiple of kAlignment.
constexpr size_t kFree = 1;
constexpr size_t kFreeBefore = 2;  // so is the block before this one
constexpr size_t kFlags = kFree | kFreeBefore;

// What has to be added for a multiple of kAlignment.
size_t padding(size_t value) {
  return (0 - value) % Heap::kAlignment;
}

// Of a block for so many bytes.
size_t size_for(size_t bytes) {
  const size_t least = bytes + sizeof(Word);
  return std::max(least + padding(least), kMinSize);
}

// The first place from `address` on where a block can begin: a word before a multiple of kAlignment.
std::byte* block_place(std::byte* address) {
  return address + padding(reinterpret_cast<uintptr_t>(address) + sizeof(Word));
}

}  // namespace

// What is handed out, memory(), begins at `next` and ends where the block behind begins. While a block is
// free its links are there, and in its last word its size once more.
struct [[gnu::may_alias]] Heap::Block {
  size_t tag;  // size and flags
  Block* next;
  Block* previous;

  size_t size() const { return tag & ~kFlags; }
  std::byte* bytes() { return reinterpret_cast<std::byte*>(this); }
  void* memory() { return bytes() + sizeof(Word); }
  Block* behind() { return reinterpret_cast<Block*>(bytes() + size()); }
  Word& last_word() { return reinterpret_cast<Word*>(behind())[-1]; }
  // Of the block before, where that is free.
  size_t size_before() const {
    return (tag & kFreeBefore) != 0 ? reinterpret_cast<const Word*>(this)[-1] : 0;
  }
};

void Heap::add(std::byte* begin, std::byte* end) {
  std::byte* const end_place = block_place(end - kAlignment);
  const bool joins = end_ != nullptr && begin == end_->bytes() + sizeof(Word);
  auto* const block = reinterpret_cast<Block*>(joins ? end_->bytes() : block_place(begin));
  if (end_place < block->bytes() + kMinSize) return;
  block->tag = static_cast<size_t>(end_place - block->bytes()) | (joins ? block->tag & kFreeBefore : 0);
  end_ = block->behind();
  end_->tag = 0;
  free(block->memory());
}

void* Heap::allocate(size_t bytes) {
  if (bytes > kMaxBytes) return nullptr;
  const size_t size = size_for(bytes);
  Block* const block = find(size);
  if (block == nullptr) return nullptr;
  remove(block);
  const size_t rest = block->size() - size;
  if (rest < kMinSize) {
    block->tag &= ~kFlags;
    block->behind()->tag &= ~kFreeBefore;
  } else {
    block->tag = size;
    insert(block->behind(), rest);
  }
  return block->memory();
}

void Heap::free(void* memory) {
  if (memory == nullptr) return;
  auto* block = reinterpret_cast<Block*>(static_cast<std::byte*>(memory) - sizeof(Word));
  Block* const behind = block->behind();
  size_t size = block->size();
  if (const size_t before = block->size_before(); before != 0) {
    block = reinterpret_cast<Block*>(block->bytes() - before);
    remove(block);
    size += before;
  }
  if ((behind->tag & kFree) != 0) {
    remove(behind);
    size += behind->size();
  }
  insert(block, size);
}

size_t Heap::missing(size_t bytes) const {
  const size_t size = size_for(bytes);
  // The block that ends it, and what the first has to lie at.
  if (end_ == nullptr) return size + 2 * kAlignment;
  return size - std::min(size - kAlignment, end_->size_before());
}

size_t Heap::list_of(size_t size) {
  const size_t units = size / kAlignment;
  const size_t shift = std::max<size_t>(std::bit_width(units), 3) - 3;
  return (4 * shift) + (units >> shift);
}

// The first of its own list, or one of the next that has any: all in those are large enough.
Heap::Block* Heap::find(size_t size) const {
  size_t list = list_of(size);
  if (Block* const first = lists_[list]; first != nullptr && first->size() >= size) return first;
  ++list;
  for (size_t word = list / 64; word < occupied_.size(); ++word, list = 0) {
    const uint64_t larger = occupied_[word] >> (list % 64) << (list % 64);
    if (larger != 0) return lists_[(word * 64) + static_cast<size_t>(std::countr_zero(larger))];
  }
  return nullptr;
}

// Neither neighbour is free.
void Heap::insert(Block* block, size_t size) {
  const size_t list = list_of(size);
  Block* const first = lists_[list];
  block->tag = size | kFree;
  block->next = first;
  block->previous = nullptr;
  block->last_word() = size;
  block->behind()->tag |= kFreeBefore;
  if (first != nullptr) first->previous = block;
  lists_[list] = block;
  occupied_[list / 64] |= uint64_t{1} << (list % 64);
}

void Heap::remove(Block* block) {
  const size_t list = list_of(block->size());
  if (block->next != nullptr) block->next->previous = block->previous;
  if (block->previous != nullptr) {
    block->previous->next = block->next;
  } else {
    lists_[list] = block->next;
    if (block->next == nullptr) occupied_[list / 64] &= ~(uint64_t{1} << (list % 64));
  }
}

}  // namespace chord
