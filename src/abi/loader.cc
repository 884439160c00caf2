#include "abi/loader.h"

#include <algorithm>

namespace chord::abi {
namespace {

// Large enough that a 10 MB vocabulary takes few requests, small enough to be kept until the weights are.
constexpr uint64_t kPieceBytes = uint64_t{256} << 10;

}  // namespace

Loader::Loader(uint64_t file_size)
    : file_size_(file_size),
      reader_(file_size == CHORD_SIZE_UNKNOWN ? std::nullopt : std::optional(file_size)) {}

Result<chord_request> Loader::want() {
  if (!header_) {
    const uint64_t left = file_size_ - std::min(file_size_, piece_offset_);
    piece_.resize(static_cast<size_t>(std::clamp<uint64_t>(left, 1, kPieceBytes)));
    return chord_request{piece_offset_, piece_.size(), reinterpret_cast<uintptr_t>(piece_.data()),
                         CHORD_CONTROL_PLANE, 0};
  }
  if (device_ == nullptr) return chord_request{};
  CHORD_ASSIGN(asked_, want_weights());
  if (!asked_) return chord_request{};
  return chord_request{asked_->offset, asked_->length, asked_->address,
                       asked_->plane == plan::Plane::data ? CHORD_DATA_PLANE : CHORD_CONTROL_PLANE, 0};
}

Result<void> Loader::supply(uint64_t length) {
  if (!header_) return supply_header(length);
  if (!asked_ || length > asked_->length) {
    return fail(ErrorCode::invalid_argument, length, " bytes were supplied and ", asked_ ? asked_->length : 0,
                " asked for");
  }
  if (length == 0) {
    return fail(ErrorCode::invalid_gguf, "the file ends at byte ", asked_->offset,
                ", inside its tensors: it is cut off, download it again");
  }
  asked_.reset();
  return device_->supply(length);
}

Result<void> Loader::supply_header(uint64_t length) {
  if (length > piece_.size()) {
    return fail(ErrorCode::invalid_argument, length, " bytes were supplied and ", piece_.size(),
                " asked for");
  }
  if (length == 0) return reader_.finish();
  CHORD_CHECK(reader_.feed(std::span(piece_).first(static_cast<size_t>(length))));
  const uint64_t end = piece_offset_ + length;
  if (reader_.done()) {
    const uint64_t header_end = reader_.consumed();
    piece_.resize(static_cast<size_t>(length));
    piece_.erase(piece_.begin(), piece_.begin() + static_cast<ptrdiff_t>(header_end - piece_offset_));
    piece_.shrink_to_fit();
    piece_offset_ = header_end;
    header_ = std::move(reader_).take();
  } else {
    piece_offset_ = end;
  }
  return {};
}

// Serves from the kept piece what it holds, and gives the first request that is for the host.
Result<std::optional<plan::PlacementRequest>> Loader::want_weights() {
  while (true) {
    CHORD_ASSIGN(const std::optional<plan::PlacementRequest> request, device_->want());
    if (!request) {
      placed_ = true;
      return std::nullopt;
    }
    const uint64_t kept_end = piece_offset_ + piece_.size();
    if (request->offset >= kept_end) {
      piece_ = {};
      return request;
    }
    const uint64_t length = std::min(request->length, kept_end - request->offset);
    const auto begin = static_cast<size_t>(request->offset - piece_offset_);
    device_->write(request->address, std::span(piece_).subspan(begin, static_cast<size_t>(length)));
    CHORD_CHECK(device_->supply(length));
  }
}

}  // namespace chord::abi
