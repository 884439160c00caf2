// The rotary settings that a file's metadata ask for.
#pragma once

#include "model/config.h"
#include "plan/op.h"

namespace chord::model {

// factors: Llama 3's per-frequency divisors, if the file has them.
plan::RopeSettings rope_settings(const RopeConfig& rope, uint32_t head_length, plan::RopeOrder order,
                                 std::optional<plan::Weight> factors);

}  // namespace chord::model
