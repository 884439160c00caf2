// Steps that the GPU takes without being told: it goes on with the token that it chooses, as the session's
// sampler would. The session decides: if it asks for that very step next, its results are there or on their
// way; if not, they are forgotten, and what the steps stored is written again before anything reads it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "plan/device.h"

namespace chord::webgpu {

// Whether the GPU can choose the token after a step.
bool can_go_on(const plan::Step& step);

// Which step comes next, if the session agrees.
class Expectation {
 public:
  // `step` runs, and the GPU goes on from it with a token that is yet to be found().
  void after(const plan::Step& step);
  void found(int32_t token) { token_ = token; }
  void forget() { position_ = 0; }

  bool is_met_by(const plan::Step& step) const;

 private:
  uint32_t position_ = 0;  // 0: nothing is expected
  int32_t token_ = 0;
  plan::SamplingInputs inputs_;  // of the step before
};

// How many steps to submit in one go.
class Stride {
 public:
  // The next one, of at most `limit`; the one after it may be twice as long.
  uint32_t take(uint32_t limit);
  // One of `steps` took so long.
  void took(uint32_t steps, uint32_t milliseconds);
  void reset() { next_ = 1; }

 private:
  uint32_t next_ = 1;
  uint32_t fastest_ = UINT32_MAX;
};

}  // namespace chord::webgpu
