// The pull loading of a model: first its header, later its weights. Where it is split over several files, the
// header is that of all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "chord.h"
#include "gguf/reader.h"
#include "gguf/split.h"
#include "plan/device.h"

namespace chord::abi {

class Loader {
 public:
  // Of the first file.
  explicit Loader(uint64_t file_size);

  // The host's next task; a length of 0 if there is none.
  Result<chord_request> want();
  Result<void> supply(uint64_t length);

  // The header, once it is complete; it stays here.
  const gguf::Header* header() const { return split_.complete() ? &split_.header() : nullptr; }

  // From here on, want() asks for the weights of this device.
  void place(plan::Device& device) { device_ = &device; }
  bool placed() const { return placed_; }

  // Tells the model from others: of the header, and of some bytes of the weights that are placed.
  uint64_t fingerprint() const { return header_hash_.value() + weights_hash_; }

 private:
  Result<void> supply_header(uint64_t length);
  Result<std::optional<plan::PlacementRequest>> want_weights();
  Result<void> supply_weights(const plan::PlacementRequest& request, uint64_t length);

  // Bytes of a file, from an offset on.
  struct Piece {
    uint64_t offset = 0;
    std::vector<std::byte> bytes;
  };

  uint64_t file_size_;  // of the file whose header is being read
  gguf::Reader reader_;
  gguf::Split split_;
  // Where the host puts pieces of that header.
  Piece piece_;
  // What the last piece of each file's header holds beyond it is the beginning of the weights, and is kept: a
  // source that can be read only once will not give it again.
  std::vector<Piece> kept_;
  plan::Device* device_ = nullptr;
  std::optional<plan::PlacementRequest> asked_;
  Hash header_hash_;           // of all files
  uint64_t weights_hash_ = 0;  // a sum, so that it does not matter how the bytes were cut
  bool placed_ = false;
};

}  // namespace chord::abi
