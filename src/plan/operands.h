// What every op has in common: a name, the values it reads, the value it writes.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "plan/op.h"

namespace chord::plan {

// "matmul", "rope" …
std::string_view name(const Op& op);

// The values that the op reads, in the order of its members.
std::vector<Value> inputs(const Op& op);

// The value that the op writes, if any.
std::optional<Value> output(const Op& op);

// The weights that the op reads. A rope's factors belong to its settings, not to the op.
std::vector<Weight> weights(const Op& op);

}  // namespace chord::plan
