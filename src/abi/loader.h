// The pull loading of one file: first its header, later its weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "chord.h"
#include "gguf/reader.h"
#include "plan/device.h"

namespace chord::abi {

class Loader {
 public:
  explicit Loader(uint64_t file_size);

  // The host's next task; a length of 0 if there is none.
  Result<chord_request> want();
  Result<void> supply(uint64_t length);

  // The header, once it is complete; it stays here.
  const gguf::Header* header() const { return header_ ? &*header_ : nullptr; }

  // From here on, want() asks for the weights of this device.
  void place(plan::Device& device) { device_ = &device; }
  bool placed() const { return placed_; }

 private:
  Result<void> supply_header(uint64_t length);
  Result<std::optional<plan::PlacementRequest>> want_weights();

  uint64_t file_size_;
  gguf::Reader reader_;
  std::optional<gguf::Header> header_;
  // Where the host puts pieces of the header. What the last piece holds beyond it is the beginning of the
  // weights, and is kept: a source that can be read only once will not give it again.
  std::vector<std::byte> piece_;
  uint64_t piece_offset_ = 0;
  plan::Device* device_ = nullptr;
  std::optional<plan::PlacementRequest> asked_;
  bool placed_ = false;
};

}  // namespace chord::abi
