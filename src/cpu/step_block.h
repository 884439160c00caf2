#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "plan/device.h"

namespace chord::cpu {

// A step's parameters as the kernels read them (kernels::Step), followed by all that it points to: one block,
// so that one write brings it to the data plane.
class StepBlock {
 public:
  // Of a step with so many tokens, outputs and (token, number) pairs of penalties and biases.
  static uint64_t bytes_for(uint64_t tokens, uint64_t outputs, uint64_t pairs);
  static uint64_t bytes_for(const plan::Step& step);

  // The bytes to write at `address`; they live until the next call. `alone`: the first thread does it all.
  std::span<const std::byte> pack(const plan::Step& step, bool alone, uint64_t address);

 private:
  // Appends the elements, and says where they will be.
  template <class T>
  uint64_t append(std::span<const T> elements, uint64_t address);

  std::vector<std::byte> bytes_;
};

}  // namespace chord::cpu
