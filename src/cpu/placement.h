// Where the weights go in the data plane's memory, and the requests that bring them there.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "plan/device.h"
#include "plan/plan.h"

namespace chord::cpu {

// No request asks for more: the staging area of a weight that is repacked on its way.
inline constexpr uint64_t kMaxRequestBytes = 8u << 20;

class Placement {
 public:
  // Lays out the weights that the plan's ops read, in the order of the file. Two weights with the same bytes
  // of the file (an embedding that is the output matrix too) share a place.
  // unsupported_format: a type that the kernels have no use for.
  static Result<Placement> create(const plan::Plan& plan);

  // Of the one allocation that holds them all.
  uint64_t bytes() const { return bytes_; }
  // Says where that allocation lies.
  void set_base(uint64_t base) { base_ = base; }

  // 0 for a weight that no op reads.
  uint64_t address(plan::Weight weight) const;

  // As plan::Device describes them.
  std::optional<plan::PlacementRequest> want() const;
  Result<void> supply(uint64_t length);

 private:
  // Bytes [offset, offset + bytes) of the file, and where they go.
  struct Range {
    uint64_t offset;
    uint64_t bytes;
    uint64_t place;  // from base_
  };

  std::vector<Range> ranges_;              // ascending, apart
  std::vector<uint32_t> range_of_weight_;  // kUnused, or an index into ranges_
  uint64_t bytes_ = 0;
  uint64_t base_ = 0;
  size_t next_ = 0;        // the range that is wanted
  uint64_t supplied_ = 0;  // bytes of it that are in place
};

}  // namespace chord::cpu
