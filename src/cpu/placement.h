// Where the weights go in the data plane's memory.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "cpu/kernels/layout.h"
#include "plan/plan.h"

namespace chord::cpu {

// No request for bytes of the file asks for more, and so no panel may take more (weight_loader.h).
inline constexpr uint64_t kMaxRequestBytes = 8u << 20;

// Bytes [offset, offset + bytes) of the file: `experts` matrices of `rows` rows, and where they go.
struct PlacedTensor {
  uint64_t offset;
  uint64_t bytes;
  uint64_t place;  // from the start of the one allocation
  kernels::Type type;
  uint64_t columns;
  uint64_t rows;
  uint64_t experts;
};

class Placement {
 public:
  // Lays out the weights that the plan's ops read, in the order of the file and as kernels/layout.h says. Two
  // weights with the same bytes of the file (an embedding that is the output matrix too) share a place.
  // unsupported_format: a type that the kernels have no use for; rows too long to be packed.
  static Result<Placement> create(const plan::Plan& plan);

  // Of the one allocation that holds them all.
  uint64_t bytes() const { return bytes_; }
  // Says where that allocation lies.
  void set_base(uint64_t base) { base_ = base; }
  uint64_t base() const { return base_; }

  // 0 for a weight that no op reads.
  uint64_t address(plan::Weight weight) const;

  // Ascending, apart.
  const std::vector<PlacedTensor>& tensors() const { return tensors_; }

 private:
  std::vector<PlacedTensor> tensors_;
  std::vector<uint32_t> tensor_of_weight_;  // kUnused, or an index into tensors_
  uint64_t bytes_ = 0;
  uint64_t base_ = 0;
};

}  // namespace chord::cpu
