// The rows of a matrix product in the order in which its matrices are read.
#pragma once

#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels::generic {

// Which row of the output it is, and of which row of x it is made.
struct ProductRow {
  uint32_t x;
  uint32_t out;
};

// Goes through the rows by their experts, so that a matrix is read for all of its rows together, up to
// kSortedRows of the product at a time. Without experts they are all of one. V only makes it this variant's
// own.
template <class V>
class ExpertRows {
 public:
  // At a time up to `most` <= kMostRows rows.
  ExpertRows(const MatMul& op, uint32_t rows, uint32_t most)
      : op_(op), all_(rows * op.choices), most_(most) {}

  static constexpr uint32_t kMostRows = 64;  // whose activations stay in the second cache
  Address matrix = 0;
  ProductRow rows[kMostRows];
  uint32_t count = 0;

  // The next rows of one matrix; false when there are no more.
  [[gnu::noinline]] bool next() {
    const bool sorts = op_.experts != 0;
    if (at_ == group_end_) {
      if (at_ == sorted_end_ && !sort()) return false;
      while (sorts && at_ == group_end_) {
        matrix = op_.w + expert_ * op_.expert_bytes;
        group_end_ = ends_[expert_++];
      }
    }
    count = group_end_ - at_ < most_ ? group_end_ - at_ : most_;
#pragma clang loop unroll(disable) vectorize(disable)
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t out = sorts ? first_ + sorted_[at_ + i] : at_ + i;
      rows[i] = {.x = op_.separate != 0 ? out : out / op_.choices, .out = out};
    }
    at_ += count;
    return true;
  }

 private:
  static constexpr uint32_t kSortedRows = 4096;

  // Sorts the next rows, by counting; without experts there is nothing to sort. False at the end.
  bool sort() {
    first_ += at_;
    const uint32_t left = all_ - first_;
    if (left == 0) return false;
    if (op_.experts == 0) {
      matrix = op_.w;
      sorted_end_ = group_end_ = all_;
      return true;
    }
    const auto* experts = at<const int32_t>(op_.experts) + first_;
    sorted_end_ = left < kSortedRows ? left : kSortedRows;
#pragma clang loop unroll(disable) vectorize(disable)
    for (uint32_t e = 0; e < op_.expert_count; ++e) ends_[e] = 0;
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < sorted_end_; ++i) ++ends_[experts[i]];
    uint32_t begin = 0;
#pragma clang loop unroll(disable)
    for (uint32_t e = 0; e < op_.expert_count; ++e) {
      const uint32_t size = ends_[e];
      ends_[e] = static_cast<uint16_t>(begin);
      begin += size;
    }
    // What begins as the place of an expert's first row ends as the one behind its last.
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < sorted_end_; ++i) sorted_[ends_[experts[i]]++] = static_cast<uint16_t>(i);
    at_ = group_end_ = expert_ = 0;
    return true;
  }

  const MatMul& op_;
  uint32_t all_;
  uint32_t most_;
  uint32_t first_ = 0;       // of the rows that are sorted
  uint32_t sorted_end_ = 0;  // how many these are
  uint32_t at_ = 0;          // the next of them
  uint32_t group_end_ = 0;   // where those of the same matrix end
  uint32_t expert_ = 0;      // the next one
  uint16_t ends_[kMaxExperts];
  uint16_t sorted_[kSortedRows];
};

}  // namespace chord::cpu::kernels::generic
