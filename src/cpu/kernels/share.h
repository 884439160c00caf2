// How the threads of a team divide a command among themselves.
#pragma once

#include <stdint.h>

#include "cpu/kernels/waiting.h"

namespace chord::cpu::kernels {

// How far one thread has come in a job. Its pieces are numbered through all commands; each thread walks the
// commands in order, so those of the commands before it have all been taken.
struct Walk {
  Team& team;
  uint32_t next = 0;   // the first piece of what the thread comes to next
  uint32_t owned = 0;  // pieces that it took and has not yet counted as done
};

// Lets those go on who wait for the pieces that the thread took.
static inline void count_done(Walk& walk) {
  if (walk.owned == 0) return;
  Team& team = walk.team;
  const uint32_t done = __atomic_add_fetch(&team.done, walk.owned, __ATOMIC_SEQ_CST);
  walk.owned = 0;
  if (done == walk.next) wake(team, team.done, team.done_sleepers);
}

// Handing out a piece takes some tenths of a microsecond, so a piece should take one. Sums and the like do so
// many elements in that time, and functions with an exponential in them so many.
inline constexpr uint32_t kCheapElements = 4096;
inline constexpr uint32_t kCostlyElements = 1024;

// How many parts of `length` elements make a piece of a cheap op.
static inline uint32_t parts_of(uint32_t length) {
  return length < kCheapElements ? kCheapElements / length : 1;
}

// How many times that many products make a piece of a matrix product.
static inline uint32_t groups_of(uint64_t products) {
  constexpr uint64_t kProducts = 32768;
  return products != 0 && products < kProducts ? static_cast<uint32_t>(kProducts / products) : 1;
}

// Which pieces of each command are run: Step::part. All parts together are all pieces.
struct Part {
  uint32_t index = 0;
  uint32_t count = 1;

  uint32_t begin(uint32_t pieces) const { return border(pieces, index); }
  uint32_t end(uint32_t pieces) const { return border(pieces, index + 1); }
  uint32_t border(uint32_t pieces, uint32_t i) const {
    return count == 1 ? pieces * i : static_cast<uint32_t>(uint64_t{pieces} * i / count);
  }
};

// The pieces [low, high) of a command, as one thread is given them: range by range, or all at once where it
// is the only one (`walk` is nullptr). Not inline: it would be as much code as many an op has, in each.
class Pieces {
 public:
  Pieces(Walk* walk, uint32_t low, uint32_t high);

  // Takes a range. False if there is none any more.
  bool take();

  uint32_t begin() const { return begin_; }
  uint32_t end() const { return end_; }

 private:
  Walk* walk_;
  uint32_t base_;  // low's number in the job
  uint32_t low_;
  uint32_t high_;
  uint32_t begin_;
  uint32_t end_;
};

// One thread's view of a command that all of them run. Outside of each() and first() an op reads nothing but
// its command and the step: a late thread may get there when others have gone on. Which thread takes a piece
// must not change a bit of the result, so pieces are whole rows, heads or elements.
class Share {
 public:
  // The only thread.
  explicit Share(Part part = {}) : part_(part) {}
  explicit Share(Walk& walk, Part part = {}) : walk_(&walk), part_(part) {}

  // How many threads there may be; the same on each.
  uint32_t count() const { return walk_ != nullptr ? walk_->team.thread_count : 1; }

  // True on one thread, once per command: for what is not worth dividing.
  bool first() const {
    bool result = false;
    each(1, 1, [&](uint32_t, uint32_t) { result = true; });
    return result;
  }

  // Calls function(begin, end) for ranges of [0, total); over all threads and parts each index is in one of
  // them.
  // A range is a multiple of `piece` long, unless it is the last.
  template <class Function>
  void each(uint32_t total, uint32_t piece, Function&& function) const {
    const uint32_t all = total / piece + (total % piece != 0 ? 1 : 0);
    const auto call = [&](uint32_t begin, uint32_t end) {
      function(begin * piece, end == all ? total : end * piece);
    };
    const uint32_t low = part_.begin(all);
    const uint32_t high = part_.end(all);
    if constexpr (kHasThreads) {
      for (Pieces pieces(walk_, low, high); pieces.take();) call(pieces.begin(), pieces.end());
    } else if (low != high) {
      call(low, high);
    }
  }

  // The same for the elements of arrays, `piece` a multiple of any vector.
  template <class Function>
  void each_element(uint64_t total, uint32_t piece, Function&& function) const {
    const auto pieces = static_cast<uint32_t>((total + piece - 1) / piece);
    each(pieces, 1, [&](uint32_t begin, uint32_t end) {
      const uint64_t last = uint64_t{end} * piece;
      function(uint64_t{begin} * piece, last < total ? last : total);
    });
  }

 private:
  Walk* walk_ = nullptr;
  Part part_;
};

}  // namespace chord::cpu::kernels
