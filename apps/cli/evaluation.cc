#include "evaluation.h"

#include "arguments.h"
#include "generation.h"

namespace chord::cli {

bool evaluate(chord_session* session, std::span<const int32_t> tokens, uint32_t vocab_size,
              const std::function<void(size_t position, std::span<const float> logits)>& on_row) {
  if (const chord_code code = chord_evaluate(session, tokens.data(), tokens.size())) {
    return print_error(code) == kSuccess;
  }
  std::vector<float> row(vocab_size);
  const chord_code code = finish_steps(session, [&](uint32_t event) {
    if (event != CHORD_EVENT_LOGITS) return CHORD_OK;
    chord_rows rows{};
    if (const chord_code failed = chord_get_rows(session, &rows)) return failed;
    for (uint64_t position = rows.first; position < rows.first + rows.count; ++position) {
      if (const chord_code failed = chord_get_logits(session, position, row.data())) return failed;
      on_row(static_cast<size_t>(position), row);
    }
    return CHORD_OK;
  });
  return code == CHORD_OK || print_error(code) == kSuccess;
}

}  // namespace chord::cli
