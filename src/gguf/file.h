// Files of the operating system (POSIX or WASI) as Source and Sink.
#pragma once

#include <string>

#include "gguf/source.h"

namespace chord::gguf {

class FileSource final : public Source {
 public:
  // io, with the system's reason, if the file cannot be opened or is not a regular one.
  static Result<FileSource> open(const std::string& path);
  FileSource(FileSource&& other) noexcept;
  FileSource& operator=(FileSource&&) = delete;
  ~FileSource() override;

  uint64_t size() const override { return size_; }
  Result<void> read(uint64_t offset, std::span<std::byte> into) const override;

 private:
  FileSource(std::string path, int descriptor, uint64_t size);
  std::string path_;  // for messages
  int descriptor_;
  uint64_t size_;
};

class FileSink final : public Sink {
 public:
  // Creates the file, or empties the one that is there.
  static Result<FileSink> create(const std::string& path);
  FileSink(FileSink&& other) noexcept;
  FileSink& operator=(FileSink&&) = delete;
  ~FileSink() override;

  Result<void> write(std::span<const std::byte> bytes) override;
  // Errors that the system reports late, such as a full disk, are seen here.
  Result<void> close();

 private:
  FileSink(std::string path, int descriptor);
  std::string path_;
  int descriptor_;
};

}  // namespace chord::gguf
