#include "session/options.h"

namespace chord::session {

Result<void> validate(const Settings& settings) {
  if (settings.context_length == 0 || settings.batch_length == 0 || settings.max_outputs == 0) {
    return fail(ErrorCode::invalid_argument, "context_length is ", settings.context_length, ", batch_length ",
                settings.batch_length, ", max_outputs ", settings.max_outputs, "; each must be at least 1");
  }
  if (settings.overflow == Overflow::shift && settings.keep >= settings.context_length) {
    return fail(ErrorCode::invalid_argument, "keep is ", settings.keep, ", but the context holds ",
                settings.context_length, " tokens; a shift must have some to forget");
  }
  return {};
}

}  // namespace chord::session
