#pragma once

#include <algorithm>
#include <functional>

namespace chord::grammar {

// std::ranges::contains, which older standard libraries lack.
template <class Range, class Value, class Projection = std::identity>
bool contains(const Range& range, const Value& value, Projection projection = {}) {
  return std::ranges::find(range, value, projection) != std::ranges::end(range);
}

}  // namespace chord::grammar
