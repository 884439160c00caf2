// Drives a session's steps until it is done.
#pragma once

#include <functional>

#include "chord.h"

namespace chord::cli {

// Calls on_event for every event but CHORD_WORKING; it may end the work with chord_cancel. The code of the
// step that failed, or CHORD_OK.
chord_code finish_steps(chord_session* session, const std::function<chord_code(uint32_t event)>& on_event);

}  // namespace chord::cli
