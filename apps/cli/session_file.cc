#include "session_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "arguments.h"
#include "generation.h"
#include "model_file.h"
#include "whole_file.h"

namespace chord::cli {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// Moves every piece by `move`, which says whether it could. False after an error of the session's, which is
// printed, or of a move.
template <class Move>
bool move_bytes(chord_session* session, const Move& move) {
  bool moved = true;
  const chord_code code = finish_steps(session, [&](uint32_t event) {
    if (event != CHORD_BYTES) return CHORD_OK;
    chord_request request{};
    if (const chord_code failed = chord_get_bytes(session, &request)) return failed;
    moved = move(reinterpret_cast<void*>(static_cast<uintptr_t>(request.address)),
                 static_cast<size_t>(request.length));
    if (!moved) chord_cancel(session);
    return CHORD_OK;
  });
  return code == CHORD_OK ? moved : print_error(code) == kSuccess;
}

}  // namespace

bool load_session(chord_session* session, const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return errno == ENOENT || print_error("cannot open " + path + ": " + std::strerror(errno)) == kSuccess;
  }
  struct stat status{};
  if (fstat(fileno(file.get()), &status) != 0) return print_error("cannot read " + path) == kSuccess;
  if (const chord_code code = chord_session_load(session, static_cast<uint64_t>(status.st_size))) {
    return print_error(code) == kSuccess;
  }
  return move_bytes(session, [&](void* bytes, size_t length) {
    return std::fread(bytes, 1, length, file.get()) == length ||
           print_error("cannot read " + path + " to its end") == kSuccess;
  });
}

bool save_session(chord_session* session, const std::string& path) {
  uint64_t size = 0;
  if (const chord_code code = chord_session_save(session, &size)) return print_error(code) == kSuccess;
  return write_whole(path, [&](const std::string& unfinished) -> Result<void> {
           File file(std::fopen(unfinished.c_str(), "wb"));
           const bool written = file != nullptr && move_bytes(session, [&](const void* bytes, size_t length) {
                                  return std::fwrite(bytes, 1, length, file.get()) == length;
                                });
           if (written && std::fclose(file.release()) == 0) return {};
           return fail(ErrorCode::io, "cannot write ", unfinished, ": ", std::strerror(errno));
         }) == kSuccess;
}

}  // namespace chord::cli
