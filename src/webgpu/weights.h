// The weights on the GPU, and how they come there: piece by piece through memory of the control plane, where
// blocks are cut into planes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "plan/device.h"
#include "plan/plan.h"
#include "webgpu/buffer.h"
#include "webgpu/format.h"

namespace chord::webgpu {

// Rows [first_row, first_row + row_count) of a tensor: all of them, unless they pass the size of a binding.
struct Part {
  size_t buffer;  // of Weights
  uint64_t first_row;
  uint64_t row_count;
  uint64_t main_offset;  // in the buffer
  uint64_t main_bytes;
  uint64_t rest_offset;  // of the second plane
  uint64_t rest_bytes;   // 0: there is none
};

struct Tensor {
  const Format* format;  // nullptr: a vector of f32
  uint64_t offset;       // in the file
  uint64_t bytes;
  uint32_t block_bytes;  // in the file
  uint64_t row_blocks;
  bool keeps;               // its bytes, for the control plane
  std::vector<float> kept;  // a vector's, if so; ones until they come
  std::vector<Part> parts;
};

class Weights {
 public:
  // Takes the memory for the weights that the plan's ops read. Two weights with the same bytes of the file
  // share a tensor, and the matrices of a layer that read the same values a buffer, if a
  // binding holds them. unsupported_format: a type or a row length without kernels; invalid_model: tensors
  // overlap; out_of_memory: a row is larger than a binding.
  static Result<Weights> create(const plan::Plan& plan, const GpuLimits& limits);

  // As plan::Device describes them. The requests are of the control plane's memory.
  std::optional<plan::PlacementRequest> want();
  Result<void> supply(uint64_t length);

  const Tensor& operator[](plan::Weight weight) const { return tensors_[tensor_of_weight_[weight.id]]; }
  const Buffer& buffer(const Part& part) const { return buffers_[part.buffer]; }
  // Bindings of its planes.
  GpuBinding main(uint32_t binding, const Part& part) const {
    return {binding, buffer(part).id(), part.main_offset, part.main_bytes};
  }
  GpuBinding rest(uint32_t binding, const Part& part) const {
    return {binding, buffer(part).id(), part.rest_offset, part.rest_bytes};
  }
  uint64_t bytes() const;

 private:
  uint64_t piece_bytes() const;
  void upload();

  Result<void> allocate(const plan::Plan& plan, const GpuLimits& limits);
  void allocate_together(std::span<const plan::Weight> weights, uint64_t limit);

  std::vector<Tensor> tensors_;  // ascending in the file
  std::vector<Buffer> buffers_;
  std::vector<uint32_t> tensor_of_weight_;
  size_t tensor_ = 0;               // that is wanted
  size_t part_ = 0;                 // of it
  uint64_t done_ = 0;               // blocks of the part that are on the GPU
  uint64_t filled_ = 0;             // bytes of the piece that are in staging_
  std::vector<std::byte> staging_;  // a piece: whole blocks
  std::vector<std::byte> rest_;
};

}  // namespace chord::webgpu
