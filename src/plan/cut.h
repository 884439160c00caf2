// Cuts a plan into parts that run one after the other, each over a memory of its own: a model that is too
// large for one memory.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "plan/plan.h"

namespace chord::plan {

// The name of the Input by which a part takes what the part before it hands on.
inline constexpr std::string_view kHiddenInput = "hidden";

// The indices of the ops before which a plan can be cut: what the ops from there on read of those before is
// one value of f32 with a row for each token. In a decoder these are the borders of the layers and of their
// halves.
std::vector<size_t> cuts(const Plan& plan);

// The parts of a plan that is cut before the ops at `positions` (ascending). A part has the ops and stores
// between two cuts; of the weights, a device places those that its ops read. A part but the first begins with
// an Input of the value's shape. A part but the last hands the value on as its embeddings, so a step of it
// asks for the rows of all its tokens. invalid_argument: a position where the plan cannot be cut.
Result<std::vector<Plan>> cut(const Plan& plan, std::span<const size_t> positions);

}  // namespace chord::plan
