#include "abi/loader.h"

#include <algorithm>
#include <utility>

#include "base/align.h"

namespace chord::abi {
namespace {

// Large enough that a 10 MB vocabulary takes few requests, small enough to be kept until the weights are.
constexpr uint64_t kPieceBytes = uint64_t{256} << 10;

// The other files of a split model have no vocabulary, and there may be many of them.
constexpr uint64_t kLaterPieceBytes = uint64_t{32} << 10;

// Of the bytes of the weights that tell a model from others with the same header: often enough that
// fine-tuned ones differ in many, seldom enough that reading them takes no time.
constexpr uint64_t kSampleDistance = uint64_t{16} << 10;

}  // namespace

Loader::Loader(uint64_t file_size)
    : file_size_(file_size),
      reader_(file_size == CHORD_SIZE_UNKNOWN ? std::nullopt : std::optional(file_size)) {}

Result<chord_request> Loader::want() {
  if (header() == nullptr) {
    const uint64_t left = file_size_ - std::min(file_size_, piece_.offset);
    const uint64_t most = kept_.empty() ? kPieceBytes : kLaterPieceBytes;
    piece_.bytes.resize(static_cast<size_t>(std::clamp<uint64_t>(left, 1, most)));
    return chord_request{piece_.offset, piece_.bytes.size(), reinterpret_cast<uintptr_t>(piece_.bytes.data()),
                         CHORD_CONTROL_PLANE, static_cast<uint32_t>(kept_.size())};
  }
  if (device_ == nullptr) return chord_request{};
  CHORD_ASSIGN(asked_, want_weights());
  if (!asked_) return chord_request{};
  const gguf::Split::Place place = split_.locate(asked_->offset);
  return chord_request{place.offset, asked_->length, asked_->address,
                       asked_->plane == plan::Plane::data ? CHORD_DATA_PLANE : CHORD_CONTROL_PLANE,
                       place.file};
}

Result<void> Loader::supply(uint64_t length) {
  if (header() == nullptr) return supply_header(length);
  if (!asked_ || length > asked_->length) {
    return fail(ErrorCode::invalid_argument, length, " bytes were supplied and ", asked_ ? asked_->length : 0,
                " asked for");
  }
  if (length == 0) {
    return fail(ErrorCode::invalid_gguf, "the file ends at byte ", split_.locate(asked_->offset).offset,
                ", inside its tensors: it is cut off, download it again");
  }
  return supply_weights(*std::exchange(asked_, std::nullopt), length);
}

Result<void> Loader::supply_weights(const plan::PlacementRequest& request, uint64_t length) {
  for (uint64_t at = align_up(request.offset, kSampleDistance); at < request.offset + length;
       at += kSampleDistance) {
    std::byte sample{};
    device_->read(request.address + at - request.offset, {&sample, 1});
    Hash hash;
    hash.add(std::as_bytes(std::span(&at, 1)));
    hash.add({&sample, 1});
    weights_hash_ += hash.value();
  }
  return device_->supply(length);
}

Result<void> Loader::supply_header(uint64_t length) {
  std::vector<std::byte>& bytes = piece_.bytes;
  if (length > bytes.size()) {
    return fail(ErrorCode::invalid_argument, length, " bytes were supplied and ", bytes.size(), " asked for");
  }
  if (length == 0) return reader_.finish();
  CHORD_CHECK(reader_.feed(std::span(bytes).first(static_cast<size_t>(length))));
  const bool done = reader_.done();
  const uint64_t header_end = done ? reader_.consumed() : piece_.offset + length;
  header_hash_.add(std::span(bytes).first(static_cast<size_t>(header_end - piece_.offset)));
  if (!done) {
    piece_.offset = header_end;
    return {};
  }
  bytes.resize(static_cast<size_t>(length));
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(header_end - piece_.offset));
  bytes.shrink_to_fit();
  CHORD_CHECK(split_.add(std::move(reader_).take()));
  kept_.push_back({header_end, std::move(bytes)});
  reader_ = gguf::Reader(std::nullopt);
  file_size_ = CHORD_SIZE_UNKNOWN;
  piece_ = {};
  return {};
}

// Serves from the kept pieces what they hold, and gives the first request that is for the host.
Result<std::optional<plan::PlacementRequest>> Loader::want_weights() {
  while (true) {
    CHORD_ASSIGN(const std::optional<plan::PlacementRequest> request, device_->want());
    if (!request) {
      placed_ = true;
      return std::nullopt;
    }
    const gguf::Split::Place place = split_.locate(request->offset);
    Piece& kept = kept_[place.file];
    const uint64_t kept_end = kept.offset + kept.bytes.size();
    if (place.offset >= kept_end) {
      kept.bytes = {};
      return request;
    }
    const uint64_t length = std::min(request->length, kept_end - place.offset);
    const auto begin = static_cast<size_t>(place.offset - kept.offset);
    device_->write(request->address, std::span(kept.bytes).subspan(begin, static_cast<size_t>(length)));
    CHORD_CHECK(supply_weights(*request, length));
  }
}

}  // namespace chord::abi
