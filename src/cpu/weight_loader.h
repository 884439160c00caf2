// The way of the weights from the file into the data plane's memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "cpu/allocation.h"
#include "cpu/data_plane.h"
#include "cpu/placement.h"
#include "plan/device.h"

namespace chord::cpu {

// Types that keep their rows go straight to their place. The bytes of the others go to a staging area, from
// which the kernels pack them into their place as soon as whole panels have come. So the file is never in
// memory beside the model.
class WeightLoader {
 public:
  // Takes the staging area. The data plane must outlive the loader; out_of_memory where it has no room.
  static Result<WeightLoader> create(const Placement& placement, DataPlane& data_plane);

  // As plan::Device describes them.
  std::optional<plan::PlacementRequest> want() const;
  Result<void> supply(uint64_t length);

 private:
  WeightLoader(std::vector<PlacedTensor> tensors, uint64_t base, DataPlane& data_plane, Allocation staging)
      : tensors_(std::move(tensors)), base_(base), data_plane_(&data_plane), staging_(std::move(staging)) {}

  Result<void> pack(const PlacedTensor& tensor, uint64_t first_row, uint64_t end_row);

  std::vector<PlacedTensor> tensors_;
  uint64_t base_;
  DataPlane* data_plane_;
  Allocation staging_;
  size_t next_ = 0;        // the tensor that is wanted
  uint64_t matrix_ = 0;    // of its experts
  uint64_t supplied_ = 0;  // bytes of that matrix
};

}  // namespace chord::cpu
