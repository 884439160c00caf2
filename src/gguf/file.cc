#include "gguf/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace chord::gguf {
namespace {

// Systems refuse or shorten single transfers of 2 GiB and more.
constexpr size_t kMaxTransferBytes = 1 << 30;
constexpr mode_t kFileMode = 0666;

std::unexpected<Error> failed(std::string_view action, const std::string& path) {
  return fail(ErrorCode::io, "cannot ", action, " ", path, ": ", std::strerror(errno));
}

}  // namespace

Result<FileSource> FileSource::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return failed("open", path);
  FileSource source(path, descriptor, 0);
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) return failed("inspect", path);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::io, path, " is not a regular file");
  source.size_ = static_cast<uint64_t>(status.st_size);
  return source;
}

FileSource::FileSource(std::string path, int descriptor, uint64_t size)
    : path_(std::move(path)), descriptor_(descriptor), size_(size) {}

FileSource::FileSource(FileSource&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

FileSource::~FileSource() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> FileSource::read(uint64_t offset, std::span<std::byte> into) const {
  while (!into.empty()) {
    const size_t wanted = std::min(into.size(), kMaxTransferBytes);
    const ssize_t got = ::pread(descriptor_, into.data(), wanted, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path_);
    if (got == 0) return fail(ErrorCode::io, path_, " ended at byte ", offset, " while it was read");
    into = into.subspan(static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
  }
  return {};
}

Result<FileSink> FileSink::create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode);
  if (descriptor < 0) return failed("create", path);
  return FileSink(path, descriptor);
}

FileSink::FileSink(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

FileSink::FileSink(FileSink&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

FileSink::~FileSink() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> FileSink::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor_, bytes.data(), std::min(bytes.size(), kMaxTransferBytes));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("write", path_);
    bytes = bytes.subspan(static_cast<size_t>(put));
  }
  return {};
}

Result<void> FileSink::close() {
  if (::close(std::exchange(descriptor_, -1)) != 0) return failed("close", path_);
  return {};
}

}  // namespace chord::gguf
