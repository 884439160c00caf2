// Any bytes, in pieces of any size, are refused with a message or read; what is read is written again and
// reads the same. So are headers one after the other, as those of a split model.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "gguf/reader.h"
#include "gguf/source.h"
#include "gguf/split.h"
#include "gguf/writer.h"

namespace chord::gguf {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// The sizes of the pieces come from the bytes themselves, so that the fuzzer can steer them.
Result<Header> read_in_pieces(std::span<const std::byte> file) {
  Reader reader(file.size());
  for (size_t at = 0; at < file.size();) {
    const size_t size = std::min(file.size() - at, 1 + static_cast<size_t>(file[at]) % 23);
    CHORD_CHECK(reader.feed(file.subspan(at, size)));
    at += size;
  }
  CHORD_CHECK(reader.finish());
  return std::move(reader).take();
}

std::vector<std::byte> written(const Header& header) {
  MemorySink sink;
  require(Writer(sink).write_header(header.metadata, header.tensors).has_value());
  return sink.bytes();
}

// The header alone, as it arrives from a source of unknown size.
Header read_header(std::span<const std::byte> bytes) {
  Reader reader(std::nullopt);
  require(reader.feed(bytes).has_value() && reader.done());
  return std::move(reader).take();
}

void check_tensors(const Header& header, size_t file_size) {
  for (const TensorInfo& tensor : header.tensors) {
    require(tensor.offset >= header.data_offset && tensor.bytes > 0);
    require(tensor.offset <= file_size && tensor.bytes <= file_size - tensor.offset);
    require(tensor.offset % header.alignment == header.data_offset % header.alignment);
  }
}

void check(std::span<const std::byte> file) {
  const Result<Header> whole = read(file);
  const Result<Header> pieces = read_in_pieces(file);
  require(whole.has_value() == pieces.has_value());
  if (!whole) {
    require(whole.error().code() == pieces.error().code() &&
            whole.error().message() == pieces.error().message());
    require(!whole.error().message().empty());
    return;
  }
  check_tensors(*whole, file.size());
  const std::vector<std::byte> once = written(*whole);
  require(written(*pieces) == once);

  const Header again = read_header(once);
  require(written(again) == once);
  require(again.metadata.entries().size() == whole->metadata.entries().size());
  require(again.tensors.size() == whole->tensors.size());
  for (size_t i = 0; i < again.tensors.size(); ++i) {
    const TensorInfo& a = again.tensors[i];
    const TensorInfo& b = whole->tensors[i];
    require(a.name == b.name && a.type == b.type && a.dims == b.dims && a.bytes == b.bytes);
  }
  // Without tensors there is nothing that a writer decides: the bytes behind the version are the same.
  constexpr size_t kBehindVersion = 8;
  if (whole->tensors.empty()) {
    const size_t size = std::min(once.size(), file.size());
    Reader measure(std::nullopt);
    require(measure.feed(file).has_value());
    const size_t end = std::min<size_t>(size, measure.consumed());
    require(std::ranges::equal(std::span(once).first(end).subspan(kBehindVersion),
                               file.first(end).subspan(kBehindVersion)));
  }
}

// Each file begins where the magic does.
void check_split(std::span<const std::byte> files) {
  constexpr std::array kMagic = {std::byte{'G'}, std::byte{'G'}, std::byte{'U'}, std::byte{'F'}};
  Split split;
  uint32_t count = 0;
  while (!files.empty() && !split.complete()) {
    const auto next = std::ranges::search(files.subspan(1), kMagic);
    const auto size = static_cast<size_t>(next.begin() - files.begin());
    Reader reader(std::nullopt);
    if (!reader.feed(files.first(size)) || !reader.done()) return;
    const Result<void> added = split.add(std::move(reader).take());
    require(added.has_value() || !added.error().message().empty());
    if (!added) return;
    ++count;
    files = files.subspan(size);
  }
  if (!split.complete()) return;
  Split::Place last{.file = 0, .offset = 0};
  for (const TensorInfo& tensor : split.header().tensors) {
    const Split::Place place = split.locate(tensor.offset);
    require(place.file < count && place.file >= last.file && place.offset <= tensor.offset);
    last = place;
  }
}

}  // namespace
}  // namespace chord::gguf

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  chord::gguf::check(bytes);
  chord::gguf::check_split(bytes);
  return 0;
}
