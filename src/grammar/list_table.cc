#include "grammar/list_table.h"

#include <algorithm>

namespace chord::grammar {
namespace {

// The lists come from schemas and grammars of whoever asks, but a slow table harms only them.
uint32_t hash(std::span<const uint32_t> list) {
  uint64_t value = list.size();
  for (const uint32_t item : list) {
    value = (value ^ item) * 0x9E3779B97F4A7C15;
    value ^= value >> 29;
  }
  return static_cast<uint32_t>(value ^ (value >> 32));
}

}  // namespace

uint32_t ListTable::intern(std::span<const uint32_t> list) {
  const size_t mask = slots_.size() - 1;
  size_t slot = hash(list) & mask;
  while (slots_[slot] != 0) {
    if (std::ranges::equal((*this)[slots_[slot] - 1], list)) return slots_[slot] - 1;
    slot = (slot + 1) & mask;
  }
  items_.insert(items_.end(), list.begin(), list.end());
  ends_.push_back(static_cast<uint32_t>(items_.size()));
  slots_[slot] = size();
  if (ends_.size() * 2 > slots_.size()) grow();
  return size() - 1;
}

std::span<const uint32_t> ListTable::operator[](uint32_t number) const {
  const size_t begin = number == 0 ? 0 : ends_[number - 1];
  return std::span(items_).subspan(begin, ends_[number] - begin);
}

void ListTable::clear() {
  items_.clear();
  ends_.clear();
  slots_.assign(64, 0);
}

void ListTable::grow() {
  const size_t mask = slots_.size() * 2 - 1;
  slots_.assign(slots_.size() * 2, 0);
  for (uint32_t number = 0; number < size(); ++number) {
    size_t slot = hash((*this)[number]) & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = number + 1;
  }
}

}  // namespace chord::grammar
