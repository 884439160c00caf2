// Writes GGUF files, version 3, little-endian, from the first byte to the last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "gguf/metadata.h"
#include "gguf/source.h"
#include "gguf/tensor_info.h"

namespace chord::gguf {

//   Writer writer(sink);
//   CHORD_CHECK(writer.write_header(metadata, tensors));
//   for each tensor, in that order, in pieces of any size: CHORD_CHECK(writer.write_data(piece));
//   CHORD_CHECK(writer.finish());
//
// Only the header is held in memory. The metadata keep their order; the alignment is metadata.alignment().
// Each tensor is followed by zeros up to the next multiple of the alignment, the last one too.
class Writer {
 public:
  explicit Writer(Sink& sink) : sink_(&sink) {}

  // Of a tensor, name, type, dimension_count and dims count; offset and bytes are decided here. Anything that
  // a Reader would refuse is invalid_argument, and then nothing is written.
  Result<void> write_header(const Metadata& metadata, std::span<const TensorInfo> tensors);

  // The tensors as they lie in the file, with offset and bytes.
  const std::vector<TensorInfo>& tensors() const { return tensors_; }

  // The next bytes of the current tensor; invalid_argument if they are more than it still lacks.
  Result<void> write_data(std::span<const std::byte> bytes);

  // invalid_argument if data is missing.
  Result<void> finish() const;

 private:
  Result<void> pad();

  Sink* sink_;
  uint32_t alignment_ = 0;
  uint64_t written_ = 0;
  std::vector<TensorInfo> tensors_;
  size_t current_ = 0;  // the tensor whose data comes next
};

}  // namespace chord::gguf
