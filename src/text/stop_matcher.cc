#include "text/stop_matcher.h"

#include <algorithm>
#include <utility>

namespace chord::text {

StopMatcher::StopMatcher(std::vector<std::string> stops) : stops_(std::move(stops)) {
  std::erase_if(stops_, [](const std::string& stop) { return stop.empty(); });
}

StopMatcher::Output StopMatcher::push(std::string_view text) {
  if (stopped_) return {"", true};
  // `held_` holds no stop string, so one that is complete ends in the new text.
  const size_t old_size = held_.size();
  held_ += text;
  const std::string_view all = held_;

  size_t first_end = std::string_view::npos;
  size_t longest = 0;
  for (const std::string& stop : stops_) {
    const size_t from = old_size < stop.size() ? 0 : old_size - stop.size() + 1;
    const size_t at = all.find(stop, from);
    if (at == std::string_view::npos) continue;
    const size_t end = at + stop.size();
    if (end < first_end) longest = 0;
    first_end = std::min(first_end, end);
    if (end == first_end) longest = std::max(longest, stop.size());
  }
  if (first_end != std::string_view::npos) {
    stopped_ = true;
    Output output = {held_.substr(0, first_end - longest), true};
    held_.clear();
    return output;
  }

  size_t keep = 0;
  for (const std::string& stop : stops_) {
    for (size_t length = std::min(stop.size() - 1, all.size()); length > keep; --length) {
      if (all.ends_with(std::string_view(stop).substr(0, length))) keep = length;
    }
  }
  Output output = {held_.substr(0, held_.size() - keep), false};
  held_.erase(0, held_.size() - keep);
  return output;
}

std::string StopMatcher::finish() {
  return std::exchange(held_, {});
}

}  // namespace chord::text
