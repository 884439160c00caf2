// Files that are written whole or not at all.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"

namespace chord::cli {

// Lets `write` make the file under another name and then gives it the name `path`, so that what stands there
// stays if writing fails. Returns an exit code; an error is printed.
int write_whole(const std::string& path, const std::function<Result<void>(const std::string&)>& write);

}  // namespace chord::cli
