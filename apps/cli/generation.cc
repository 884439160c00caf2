#include "generation.h"

namespace chord::cli {

chord_code finish_steps(chord_session* session, const std::function<chord_code(uint32_t event)>& on_event) {
  constexpr double kBudgetMs = 1000;
  uint32_t event = CHORD_WORKING;
  while (event != CHORD_DONE) {
    if (const chord_code code = chord_step(session, kBudgetMs, &event)) return code;
    if (event == CHORD_WORKING) continue;
    if (const chord_code code = on_event(event)) return code;
  }
  return CHORD_OK;
}

}  // namespace chord::cli
