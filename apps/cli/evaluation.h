// The logits of every position of a text, row by row.
#pragma once

#include <functional>
#include <span>

#include "model_file.h"

namespace chord::cli {

// Evaluates `tokens` in an emptied session and calls on_row with each position's logits [vocab_size], in
// order. False after an error, which is printed.
bool evaluate(chord_session* session, std::span<const int32_t> tokens, uint32_t vocab_size,
              const std::function<void(size_t position, std::span<const float> logits)>& on_row);

}  // namespace chord::cli
