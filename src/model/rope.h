// The rotary settings that a file's metadata ask for.
#pragma once

#include "model/config.h"
#include "model/tensors.h"
#include "plan/op.h"

namespace chord::model {

// Divisors of the frequencies, which only some files have: Llama 3's, or LongRoPE's two.
struct RopeFactors {
  std::optional<plan::Weight> always;
  std::optional<plan::Weight> when_short, when_long;  // in contexts up to the original one, and longer ones
};

// rope_freqs, rope_factors_short and rope_factors_long.
RopeFactors load_rope_factors(Tensors& tensors, const RopeConfig& rope);

plan::RopeSettings rope_settings(const RopeConfig& rope, uint32_t head_length, plan::RopeOrder order,
                                 const RopeFactors& factors = {});

}  // namespace chord::model
