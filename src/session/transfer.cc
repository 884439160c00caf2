#include "session/transfer.h"

#include <algorithm>
#include <cstring>

namespace chord::session {
namespace {

constexpr uint64_t kMagic = 0x73657364'726f6863;  // "chordses"
constexpr uint32_t kVersion = 1;

// Of the stores; small beside any cache, and large beside what a call costs.
constexpr uint64_t kPieceBytes = uint64_t{1} << 20;

// For all that is wrong with a saved session: one form of message takes a fifth of the code of several.
std::unexpected<Error> differs(ErrorCode code, const char* what, uint64_t saved, const char* wanted,
                               uint64_t here) {
  return fail(code, "the saved session ", std::string_view(what), " ", saved, "; ", std::string_view(wanted),
              " ", here);
}

}  // namespace

Transfer::Transfer(const Settings& settings, std::span<const int32_t> tokens, const plan::Executor& executor)
    : settings_(settings), tokens_(tokens.begin(), tokens.end()) {
  const auto count = static_cast<uint32_t>(tokens.size());
  header_ = {.magic = kMagic,
             .version = kVersion,
             .kv_type = static_cast<uint32_t>(settings.kv_type),
             .model = settings.model,
             .image_bytes = executor.image_bytes(count),
             .token_count = count};
  size_ = image_begin() + header_.image_bytes + sizeof checksum_;
}

Transfer::Transfer(const Settings& settings, uint64_t size)
    : settings_(settings), size_(size), is_load_(true) {}

Result<Transfer::State> Transfer::advance(plan::Executor& executor) {
  if (!is_waiting_) {
    if (is_load_) CHORD_CHECK(take(executor));
    offset_ += piece_.size();
    piece_.resize(static_cast<size_t>(next_length()));
    if (piece_.empty()) return State::complete;
    if (is_load_) return State::piece;
  }
  CHORD_ASSIGN(const plan::Progress progress, fill(executor));
  is_waiting_ = progress == plan::Progress::waiting;
  return is_waiting_ ? State::waiting : State::piece;
}

uint64_t Transfer::next_length() const {
  if (offset_ == 0) return sizeof header_;
  if (offset_ < image_begin()) return image_begin() - offset_;
  if (offset_ < image_end()) return std::min(kPieceBytes, image_end() - offset_);
  return size_ - offset_;
}

// What a piece that is not the image's stands for.
std::span<std::byte> Transfer::small_part() {
  if (offset_ == 0) return std::as_writable_bytes(std::span(&header_, 1));
  if (offset_ < image_begin()) return std::as_writable_bytes(std::span(tokens_));
  return std::as_writable_bytes(std::span(&checksum_, 1));
}

Result<plan::Progress> Transfer::copy_image(plan::Executor& executor) {
  return executor.copy_image({.positions = static_cast<uint32_t>(tokens_.size()),
                              .offset = offset_ - image_begin(),
                              .bytes = piece_,
                              .to_stores = is_load_});
}

Result<plan::Progress> Transfer::fill(plan::Executor& executor) {
  if (is_image()) {
    CHORD_ASSIGN(const auto progress, copy_image(executor));
    if (progress != plan::Progress::done) return progress;
  } else {
    checksum_ = hash_.value();
    std::ranges::copy(small_part(), piece_.begin());
  }
  hash_.add(piece_);
  return plan::Progress::done;
}

Result<void> Transfer::take(plan::Executor& executor) {
  if (piece_.empty()) return {};
  const uint64_t expected = hash_.value();
  hash_.add(piece_);
  if (is_image()) {
    CHORD_CHECK(copy_image(executor));
    return {};
  }
  std::ranges::copy(piece_, small_part().begin());
  if (offset_ == 0) return take_header(executor);
  if (offset_ < image_begin()) return check_tokens();
  if (checksum_ == expected) return {};
  return differs(ErrorCode::invalid_session, "is damaged: its checksum is", checksum_, "that of its bytes",
                 expected);
}

Result<void> Transfer::take_header(const plan::Executor& executor) {
  constexpr auto kInvalid = ErrorCode::invalid_session;
  if (header_.magic != kMagic) return differs(kInvalid, "begins with", header_.magic, "it must be", kMagic);
  if (header_.version != kVersion) {
    return differs(kInvalid, "has version", header_.version, "this reads version", kVersion);
  }
  if (header_.model != settings_.model) {
    return differs(kInvalid, "is of a model with the fingerprint", header_.model, "this one's is",
                   settings_.model);
  }
  if (const auto type = static_cast<uint32_t>(settings_.kv_type); header_.kv_type != type) {
    return differs(kInvalid, "has a kv_type of", header_.kv_type, "this session's is", type);
  }
  if (header_.token_count > settings_.context_length) {
    return differs(ErrorCode::context_overflow, "has so many tokens:", header_.token_count,
                   "choose a longer context than", settings_.context_length);
  }
  tokens_.resize(static_cast<size_t>(header_.token_count));
  const uint64_t image_bytes = executor.image_bytes(static_cast<uint32_t>(header_.token_count));
  const uint64_t size = image_begin() + image_bytes + sizeof checksum_;
  if (size == size_ && image_bytes == header_.image_bytes) return {};
  return differs(kInvalid, "is cut off or damaged: its size is", size_, "by its header it is", size);
}

Result<void> Transfer::check_tokens() const {
  for (const int32_t token : tokens_) {
    if (static_cast<uint32_t>(token) < settings_.vocab_size) continue;
    return differs(ErrorCode::invalid_session, "is damaged: it has the token", static_cast<uint32_t>(token),
                   "ids are below", settings_.vocab_size);
  }
  return {};
}

}  // namespace chord::session
