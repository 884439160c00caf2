#include "gguf/writer.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "gguf/prologue.h"
#include "gguf/reader.h"
#include "gguf/utf8.h"
#include "gguf/value_bytes.h"

namespace chord::gguf {
namespace {

constexpr uint32_t kVersion = 3;

void put_bytes(std::string& out, std::span<const std::byte> bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void put_u32(std::string& out, uint32_t value) {
  put_bytes(out, std::as_bytes(std::span(&value, 1)));
}

void put_u64(std::string& out, uint64_t value) {
  put_bytes(out, std::as_bytes(std::span(&value, 1)));
}

void put_string(std::string& out, std::string_view text) {
  put_u64(out, text.size());
  out += text;
}

Result<void> put_array(std::string& out, const Array& array) {
  put_u32(out, static_cast<uint32_t>(array.element_type()));
  put_u64(out, array.size());
  if (const auto* bytes = array.bytes()) {
    put_bytes(out, *bytes);
  } else if (const auto* strings = array.strings()) {
    for (size_t i = 0; i < strings->size(); ++i) put_string(out, (*strings)[i]);
  } else {
    for (const Value& value : *array.arrays()) {
      const Array* inner = std::get_if<Array>(&value.data);
      if (inner == nullptr) {
        return fail(ErrorCode::invalid_argument, "an array of arrays has an element of type ",
                    name(value.type()));
      }
      CHORD_CHECK(put_array(out, *inner));
    }
  }
  return {};
}

Result<void> put_entry(std::string& out, const Entry& entry) {
  put_string(out, entry.key);
  put_u32(out, static_cast<uint32_t>(entry.value.type()));
  if (const auto* text = std::get_if<std::string>(&entry.value.data)) {
    put_string(out, *text);
    return {};
  }
  if (const auto* array = std::get_if<Array>(&entry.value.data)) return put_array(out, *array);
  put_bytes(out, scalar_bytes(entry.value));
  return {};
}

void put_tensor(std::string& out, const TensorInfo& tensor, uint64_t offset) {
  put_string(out, tensor.name);
  put_u32(out, tensor.dimension_count);
  // A count above 4 goes into the file, for the check of the whole header to find; the array has only 4.
  const size_t count = std::min<size_t>(tensor.dimension_count, tensor.dims.size());
  for (size_t i = 0; i < count; ++i) put_u64(out, tensor.dims[i]);
  put_u32(out, static_cast<uint32_t>(tensor.type));
  put_u64(out, offset);
}

// What the reader refuses in a header of ours is the caller's mistake, not a broken file.
std::unexpected<Error> refused(const Error& error) {
  return fail(ErrorCode::invalid_argument, "cannot write this header: ", error.message());
}

}  // namespace

Result<void> Writer::write_header(const Metadata& metadata, std::span<const TensorInfo> tensors) {
  if (written_ > 0) return fail(ErrorCode::invalid_argument, "the header is already written");
  const Result<uint32_t> alignment = metadata.alignment();
  if (!alignment) return refused(alignment.error());

  std::string header(kMagic);
  put_u32(header, kVersion);
  put_u64(header, tensors.size());
  put_u64(header, metadata.entries().size());
  for (const Entry& entry : metadata.entries()) CHORD_CHECK(put_entry(header, entry));
  uint64_t offset = 0;
  for (TensorInfo tensor : tensors) {
    for (size_t i = tensor.dimension_count; i < tensor.dims.size(); ++i) tensor.dims[i] = 1;
    put_tensor(header, tensor, offset);
    const Result<uint64_t> bytes = data_bytes(tensor);
    if (!bytes)
      return refused(
          {bytes.error().code(), concat("tensor ", quoted(tensor.name), ": ", bytes.error().message())});
    offset += round_up(*bytes, *alignment);
  }

  // Reading it back holds the caller to every rule and limit of the format, with one set of checks.
  Reader reader(std::nullopt);
  const Result<void> accepted = reader.feed(std::as_bytes(std::span(header)));
  if (!accepted) return refused(accepted.error());
  Header parsed = std::move(reader).take();
  header.resize(static_cast<size_t>(parsed.data_offset));
  CHORD_CHECK(sink_->write(std::as_bytes(std::span(header))));
  alignment_ = parsed.alignment;
  written_ = header.size();
  tensors_ = std::move(parsed.tensors);
  return {};
}

Result<void> Writer::write_data(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  if (current_ == tensors_.size()) {
    return fail(ErrorCode::invalid_argument, bytes.size(), " bytes of data after that of the last tensor");
  }
  const TensorInfo& tensor = tensors_[current_];
  const uint64_t end = tensor.offset + tensor.bytes;
  if (bytes.size() > end - written_) {
    return fail(ErrorCode::invalid_argument, "tensor ", quoted(tensor.name), " still lacks ", end - written_,
                " bytes, and was given ", bytes.size());
  }
  CHORD_CHECK(sink_->write(bytes));
  written_ += bytes.size();
  if (written_ < end) return {};
  ++current_;
  return pad();
}

Result<void> Writer::pad() {
  const std::vector<std::byte> zeros(static_cast<size_t>(round_up(written_, alignment_) - written_));
  CHORD_CHECK(sink_->write(zeros));
  written_ += zeros.size();
  return {};
}

Result<void> Writer::finish() const {
  if (written_ == 0) return fail(ErrorCode::invalid_argument, "no header is written");
  if (current_ == tensors_.size()) return {};
  const TensorInfo& tensor = tensors_[current_];
  return fail(ErrorCode::invalid_argument, "tensor ", quoted(tensor.name), " still lacks ",
              tensor.offset + tensor.bytes - written_, " of its ", tensor.bytes, " bytes");
}

}  // namespace chord::gguf
