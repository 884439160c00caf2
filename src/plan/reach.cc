#include "plan/reach.h"

#include <algorithm>

namespace chord::plan {

Reach::Reach(std::span<const StoreInfo> stores, uint32_t ring_slack)
    : window_(UINT32_MAX), ring_slack_(ring_slack) {
  for (const StoreInfo& store : stores) {
    if (store.kind == StoreKind::ring) window_ = std::min(window_, store.window);
  }
}

void Reach::store(uint32_t first, uint32_t end) {
  if (first == 0) earliest_ = 0;
  if (end > uint64_t{window_} + ring_slack_) earliest_ = std::max(earliest_, end - ring_slack_);
}

void Reach::load(uint32_t positions) {
  earliest_ = positions > window_ ? positions - 1 : 0;
}

}  // namespace chord::plan
