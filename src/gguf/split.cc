#include "gguf/split.h"

#include <algorithm>
#include <utility>

#include "gguf/limits.h"

namespace chord::gguf {

Result<void> Split::check_number(const Metadata& metadata) {
  CHORD_ASSIGN(const auto said_number, metadata.find_unsigned("split.no"));
  CHORD_ASSIGN(const auto said_count, metadata.find_unsigned("split.count"));
  const uint64_t number = said_number.value_or(0);
  const uint64_t count = std::max<uint64_t>(said_count.value_or(1), 1);
  if (bases_.empty()) {
    if (number != 0) {
      return fail(ErrorCode::invalid_gguf, "this is file ", number + 1, " of the ", count,
                  " of a split model: load the first one, whose name has -00001-of- in it");
    }
    if (count > kMaxSplitFiles) {
      return fail(ErrorCode::invalid_gguf, "the model is split into ", count, " files; at most ",
                  kMaxSplitFiles, " are allowed");
    }
    count_ = count;
  } else if (number != bases_.size() || count != count_) {
    return fail(ErrorCode::invalid_gguf, "file ", bases_.size() + 1, " of ", count_,
                " of a split model says that it is file ", number + 1, " of ", count,
                ": it belongs elsewhere, download it again");
  }
  return {};
}

Result<void> Split::add(Header header) {
  CHORD_CHECK(check_number(header.metadata));
  const uint64_t total = whole_.tensors.size() + header.tensors.size();
  if (total > kMaxTensors) {
    return fail(ErrorCode::invalid_gguf, "the files of the split model have ", total,
                " tensors together; at most ", kMaxTensors, " are allowed");
  }
  uint64_t length = header.data_offset;
  for (const TensorInfo& tensor : header.tensors) length = std::max(length, tensor.offset + tensor.bytes);
  if (length > kMaxFileBytes - end_) {
    return fail(ErrorCode::invalid_gguf, "the files of the split model are longer than ", kMaxFileBytes,
                " bytes together");
  }
  if (bases_.empty()) {
    whole_ = std::move(header);
  } else {
    for (TensorInfo& tensor : header.tensors) {
      tensor.offset += end_;
      whole_.tensors.push_back(std::move(tensor));
    }
  }
  bases_.push_back(end_);
  end_ += length;
  return count_ > 1 && complete() ? check_whole() : Result<void>();
}

Result<void> Split::check_whole() const {
  CHORD_ASSIGN(const auto tensors, whole_.metadata.find_unsigned("split.tensors.count"));
  if (tensors && *tensors != whole_.tensors.size()) {
    return fail(ErrorCode::invalid_gguf, "the files of the split model have ", whole_.tensors.size(),
                " tensors together, and the first says ", *tensors, ": one of them belongs elsewhere");
  }
  return check_distinct(whole_.tensors);
}

Split::Place Split::locate(uint64_t offset) const {
  const auto after = std::ranges::upper_bound(bases_, offset);
  const auto file = static_cast<uint32_t>(after - bases_.begin() - 1);
  return {.file = file, .offset = offset - bases_[file]};
}

}  // namespace chord::gguf
