#include "whole_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "arguments.h"
#include "model_file.h"

namespace chord::cli {

int write_whole(const std::string& path, const std::function<Result<void>(const std::string&)>& write) {
  const std::string unfinished = path + ".unfinished";
  if (const auto written = write(unfinished); !written) {
    std::remove(unfinished.c_str());
    return print_error(std::string(name(written.error().code())) + ": " + written.error().message());
  }
  if (std::rename(unfinished.c_str(), path.c_str()) != 0)
    return print_error("cannot rename " + unfinished + " to " + path + ": " + std::strerror(errno));
  return kSuccess;
}

}  // namespace chord::cli
