// How the threads of a team divide a command among themselves.
#pragma once

#include <stdint.h>

namespace chord::cpu::kernels {

// One thread's view of a command that all of them run. Work is handed out while they run, through a counter
// that is 0 before the first of them begins: cores that are slower or busy elsewhere take less of it. Which
// thread takes a piece must not change a bit of the result, so pieces are whole rows, heads or elements.
class Share {
 public:
  // The only thread.
  Share() = default;
  // One of `count` threads, of which index 0 is the first.
  Share(uint32_t index, uint32_t count, uint32_t* counter)
      : index_(index), count_(count), counter_(counter) {}

  // True on one thread: for what is not worth dividing.
  bool first() const { return index_ == 0; }
  uint32_t count() const { return count_; }

  // Calls function(begin, end) for ranges of [0, total); over all threads each index is in one of them.
  // A range is a multiple of `piece` long, unless it is the last.
  template <class Function>
  void each(uint32_t total, uint32_t piece, Function&& function) const {
    if (count_ == 1) {
      if (total != 0) function(uint32_t{0}, total);
      return;
    }
    const uint32_t pieces = total / piece + (total % piece != 0 ? 1 : 0);
    uint32_t taken = __atomic_load_n(counter_, __ATOMIC_RELAXED);
    while (taken < pieces) {
      // Large ranges first, for the caches; single pieces at the end, so that all finish together.
      const uint32_t fair = (pieces - taken) / (2 * count_);
      const uint32_t end = taken + (fair > 1 ? fair : 1);
      if (__atomic_compare_exchange_n(counter_, &taken, end, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        function(taken * piece, end == pieces ? total : end * piece);
        taken = __atomic_load_n(counter_, __ATOMIC_RELAXED);
      }
    }
  }

  // The same for the elements of arrays, in ranges that begin at whole vectors.
  template <class Function>
  void each_element(uint64_t total, Function&& function) const {
    const auto pieces = static_cast<uint32_t>((total + kElements - 1) / kElements);
    each(pieces, 1, [&](uint32_t begin, uint32_t end) {
      const uint64_t last = uint64_t{end} * kElements;
      function(uint64_t{begin} * kElements, last < total ? last : total);
    });
  }

  // How many parts of `length` elements make a piece that is worth handing out.
  static uint32_t parts_for(uint32_t length) { return length < kElements ? kElements / length : 1; }

 private:
  // Cheap ops do these in about the time that handing them out takes.
  static constexpr uint32_t kElements = 512;

  uint32_t index_ = 0;
  uint32_t count_ = 1;
  uint32_t* counter_ = nullptr;
};

}  // namespace chord::cpu::kernels
