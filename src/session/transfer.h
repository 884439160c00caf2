// A session on its way out into bytes, or in from them, piece by piece.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "plan/device.h"
#include "session/options.h"

namespace chord::session {

// The saved session, little-endian:
// - its header, which begins with "chordses",
// - i32 for each token,
// - the image of the stores (plan/store_image.h),
// - u64: the hash of all that (base/hash.h).
class Transfer {
  struct Header {
    uint64_t magic;
    uint32_t version;
    uint32_t kv_type;  // plan::KvType
    uint64_t model;    // fingerprint
    uint64_t image_bytes;
    uint64_t token_count;
  };

 public:
  static constexpr uint64_t kLeastBytes = sizeof(Header) + sizeof(uint64_t);

  enum class State : uint8_t { piece, waiting, complete };

  // Out of a session, whose settings outlive it and whose stores hold these tokens.
  Transfer(const Settings& settings, std::span<const int32_t> tokens, const plan::Executor& executor);
  // Into a session, from so many bytes.
  Transfer(const Settings& settings, uint64_t size);

  // In bytes, of the saved session.
  uint64_t size() const { return size_; }
  bool is_load() const { return is_load_; }

  // Takes what is in the piece, and makes the next one; there is none when the transfer is complete. Loading:
  // invalid_session, context_overflow. waiting: call again.
  Result<State> advance(plan::Executor& executor);
  bool is_waiting() const { return is_waiting_; }

  // Bytes of the saved session from offset() on: those to be kept, or where they are to be put.
  std::span<std::byte> piece() { return piece_; }
  uint64_t offset() const { return offset_; }
  // Whether the piece belongs to the stores, which it overwrites when loading.
  bool is_image() const { return image_begin() <= offset_ && offset_ < image_end(); }

  // Those that the stores hold when a load is complete.
  std::span<const int32_t> tokens() const { return tokens_; }

 private:
  uint64_t image_begin() const { return sizeof header_ + tokens_.size() * sizeof(int32_t); }
  uint64_t image_end() const { return size_ - sizeof(uint64_t); }
  uint64_t next_length() const;
  std::span<std::byte> small_part();
  Result<plan::Progress> copy_image(plan::Executor& executor);
  Result<plan::Progress> fill(plan::Executor& executor);
  Result<void> take(plan::Executor& executor);
  Result<void> take_header(const plan::Executor& executor);
  Result<void> check_tokens() const;

  const Settings& settings_;
  Header header_{};
  std::vector<int32_t> tokens_;
  uint64_t checksum_ = 0;
  uint64_t size_;
  bool is_load_ = false;
  bool is_waiting_ = false;
  Hash hash_;
  uint64_t offset_ = 0;
  std::vector<std::byte> piece_;
};

}  // namespace chord::session
