#pragma once

#include <stdint.h>

#include "cpu/kernels/command.h"

namespace chord::cpu::kernels {
namespace {

// The `capacity` best candidates of those offered: a binary heap in the mailbox's own array, whose root is
// the worst of them.
class CandidateHeap {
 public:
  CandidateHeap(Candidate* items, uint32_t capacity) : items_(items), capacity_(capacity) {}

  uint32_t size() const { return size_; }

  // What a logit must exceed to enter: of equal logits the earlier offered stays, so ids are offered in
  // ascending order.
  float threshold() const { return size_ < capacity_ ? -__builtin_inff() : items_[0].logit; }

  // `candidate.logit` exceeds the threshold; the capacity is not 0.
  void offer(Candidate candidate) {
    if (size_ < capacity_) {
      sift_up(size_++, candidate);
    } else {
      sift_down(0, size_, candidate);
    }
  }

  // Leaves the items in descending order and the heap of no further use.
  void sort() {
    for (uint32_t end = size_; end > 1; --end) {
      const Candidate last = items_[end - 1];
      items_[end - 1] = items_[0];
      sift_down(0, end - 1, last);
    }
  }

 private:
  static bool worse(Candidate a, Candidate b) {
    return a.logit < b.logit || (a.logit == b.logit && a.token > b.token);
  }

  void sift_up(uint32_t hole, Candidate candidate) {
    while (hole > 0 && worse(candidate, items_[(hole - 1) / 2])) {
      items_[hole] = items_[(hole - 1) / 2];
      hole = (hole - 1) / 2;
    }
    items_[hole] = candidate;
  }

  void sift_down(uint32_t hole, uint32_t end, Candidate candidate) {
    for (uint32_t child = 2 * hole + 1; child < end; child = 2 * hole + 1) {
      if (child + 1 < end && worse(items_[child + 1], items_[child])) ++child;
      if (!worse(items_[child], candidate)) break;
      items_[hole] = items_[child];
      hole = child;
    }
    items_[hole] = candidate;
  }

  Candidate* items_;
  uint32_t capacity_;
  uint32_t size_ = 0;
};

}  // namespace
}  // namespace chord::cpu::kernels
