#include "cpu/weight_loader.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "cpu/kernels/command.h"
#include "cpu/kernels/layout.h"
#include "cpu/saturating.h"

namespace chord::cpu {
namespace {

// Enough that a request is worth its while, and little enough that what has come is still in the processor's
// cache when it is packed. Where a single panel is larger, the area is as large as the panel.
constexpr uint64_t kUsualAreaBytes = 1u << 20;

// What precedes the area: the kernels get their operands from memory.
struct alignas(kAlignment) PackCall {
  kernels::Step step;
  kernels::Command command;
};

bool keeps_rows(const PlacedTensor& tensor) {
  return kernels::panel_rows(tensor.type) == 1;
}

uint64_t matrix_bytes(const PlacedTensor& tensor) {
  return tensor.bytes / tensor.experts;
}

// Of a panel's rows in the file.
uint64_t panel_file_bytes(const PlacedTensor& tensor) {
  return kernels::panel_rows(tensor.type) * kernels::row_bytes(tensor.type, tensor.columns);
}

// The part of the staging area that a tensor uses: whole panels, so that none of them is cut by its end.
uint64_t area_bytes(const PlacedTensor& tensor) {
  const uint64_t panel = panel_file_bytes(tensor);
  return panel * std::max<uint64_t>(kUsualAreaBytes / panel, 1);
}

}  // namespace

Result<WeightLoader> WeightLoader::create(const Placement& placement, DataPlane& data_plane) {
  uint64_t area = 0;
  for (const PlacedTensor& tensor : placement.tensors()) {
    if (!keeps_rows(tensor)) area = std::max(area, area_bytes(tensor));
  }
  Allocation staging;
  if (area != 0) {
    CHORD_ASSIGN(staging, Allocation::create(data_plane, sizeof(PackCall) + area, "staging of weights"));
  }
  return WeightLoader(placement.tensors(), placement.base(), data_plane, std::move(staging));
}

std::optional<plan::PlacementRequest> WeightLoader::want() const {
  if (next_ == tensors_.size()) return std::nullopt;
  const PlacedTensor& tensor = tensors_[next_];
  const uint64_t left = matrix_bytes(tensor) - supplied_;
  const uint64_t begin = matrix_ * matrix_bytes(tensor) + supplied_;
  if (keeps_rows(tensor)) {
    return plan::PlacementRequest{.offset = tensor.offset + begin,
                                  .length = std::min(left, kMaxRequestBytes),
                                  .address = base_ + tensor.place + begin};
  }
  const uint64_t area = area_bytes(tensor);
  const uint64_t at = supplied_ % area;
  return plan::PlacementRequest{.offset = tensor.offset + begin,
                                .length = std::min(left, area - at),
                                .address = staging_.address() + sizeof(PackCall) + at};
}

Result<void> WeightLoader::supply(uint64_t length) {
  const auto wanted = want();
  const uint64_t limit = wanted ? wanted->length : 0;
  if (length == 0 || length > limit) {
    return fail(ErrorCode::invalid_argument, length, " bytes of weights were supplied, wanted 1 to ", limit);
  }
  const PlacedTensor& tensor = tensors_[next_];
  const uint64_t had = supplied_;
  supplied_ += length;
  const bool complete = supplied_ == matrix_bytes(tensor);
  if (!keeps_rows(tensor)) {
    const auto whole_panels = [&](uint64_t bytes) {
      return bytes / panel_file_bytes(tensor) * kernels::panel_rows(tensor.type);
    };
    CHORD_CHECK(pack(tensor, whole_panels(had), complete ? tensor.rows : whole_panels(supplied_)));
  }
  if (complete) {
    supplied_ = 0;
    if (++matrix_ == tensor.experts) {
      matrix_ = 0;
      ++next_;
    }
  }
  return {};
}

// Rows [first_row, end_row) of the wanted matrix, which lie in the area in one piece.
Result<void> WeightLoader::pack(const PlacedTensor& tensor, uint64_t first_row, uint64_t end_row) {
  if (first_row == end_row) return {};
  const uint64_t row_bytes = kernels::row_bytes(tensor.type, tensor.columns);
  const uint64_t panel = first_row / kernels::panel_rows(tensor.type);
  PackCall call = {};
  call.command.op = kernels::Op::pack;
  call.command.pack = {
      .source = staging_.address() + sizeof(PackCall) + first_row * row_bytes % area_bytes(tensor),
      .out = base_ + tensor.place +
             matrix_ * kernels::packed_bytes(tensor.type, tensor.columns, tensor.rows) +
             panel * kernels::panel_bytes(tensor.type, tensor.columns),
      .type = static_cast<uint32_t>(tensor.type),
      .columns = static_cast<uint32_t>(tensor.columns),
      .rows = static_cast<uint32_t>(end_row - first_row)};
  data_plane_->write(staging_.address(), std::as_bytes(std::span(&call, 1)));
  return data_plane_->run(staging_.address() + offsetof(PackCall, step),
                          staging_.address() + offsetof(PackCall, command), 0, 1);
}

}  // namespace chord::cpu
