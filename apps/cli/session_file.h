// A session's tokens, keys and values in a file, for a later run of the program.
#pragma once

#include <string>

#include "chord.h"

namespace chord::cli {

// Loads the session that save_session left, if there is such a file. False after an error, which is printed.
bool load_session(chord_session* session, const std::string& path);
bool save_session(chord_session* session, const std::string& path);

}  // namespace chord::cli
