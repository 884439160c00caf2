#pragma once

#include <algorithm>
#include <functional>

namespace chord {

// Sorts in ascending order, not stably. Not std::sort, which is three times the code: the control module is
// downloaded, and what it sorts is short or sorted once.
template <class Projection = std::identity>
void heap_sort(auto& range, Projection projection = {}) {
  std::ranges::make_heap(range, std::ranges::less(), projection);
  std::ranges::sort_heap(range, std::ranges::less(), projection);
}

}  // namespace chord
