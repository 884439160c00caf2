// An incremental reader of GGUF headers (versions 2 and 3, little-endian).
// Source: the GGUF specification in ggml's docs/gguf.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "gguf/metadata.h"
#include "gguf/source.h"
#include "gguf/tensor_info.h"

namespace chord::gguf {

struct Header {
  uint32_t version;
  uint32_t alignment;    // general.alignment, 32 if absent
  uint64_t data_offset;  // first byte of the data section, from the start of the file
  Metadata metadata;
  std::vector<TensorInfo> tensors;  // in the file's order

  const TensorInfo* find_tensor(std::string_view name) const;
};

// invalid_gguf if two tensors have one name.
Result<void> check_distinct(std::span<const TensorInfo> tensors);

// Takes the bytes of a file from its start, in pieces of any size, until the header is complete:
//
//   Reader reader(file_size);
//   while (!reader.done()) { CHORD_CHECK(reader.feed(next_piece)); }
//   Header header = std::move(reader).take();
//
// Every length, count and dimension is checked against limits.h and against file_size before anything is
// allocated for it. After an error the reader stays failed.
class Reader {
 public:
  // file_size: bytes, or nothing if the source cannot say; then ranges are checked as the data arrives.
  explicit Reader(std::optional<uint64_t> file_size);
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  // Bytes past the header's end are ignored. invalid_gguf or unsupported_format on anything malformed.
  Result<void> feed(std::span<const std::byte> bytes);

  // No more bytes will come: an error (invalid_gguf) that says what was cut off, unless done().
  Result<void> finish() const;

  bool done() const;
  uint64_t consumed() const;  // bytes taken from the start of the file so far
  Header take() &&;           // only when done()

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The header of a file that is in memory, or in a source that is read as far as the header goes.
Result<Header> read(std::span<const std::byte> file);
Result<Header> read(const Source& source);

}  // namespace chord::gguf
