// Random weights that keep activations at about 1, as fast as a disk takes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "gguf/tensor_info.h"
#include "gguf/writer.h"
#include "shapes.h"

namespace chord::cli {

// 64 random bits at a time, from a counter (S. Vigna's SplitMix64).
class RandomBits {
 public:
  explicit RandomBits(uint64_t seed) : state_(seed) {}
  uint64_t next();

 private:
  uint64_t state_;
};

// The same seed and calls give the same bytes everywhere.
class RandomWeights {
 public:
  explicit RandomWeights(uint64_t seed) : random_(seed) {}

  // Writes a matrix: weights of mean 0 and variance 1 / columns. Its elements are a multiple of 256.
  Result<void> write_matrix(const gguf::TensorInfo& tensor, gguf::Writer& writer);

  // Writes a vector of F32: weights about `mean`, with a deviation of 0.1.
  Result<void> write_vector(const gguf::TensorInfo& tensor, float mean, gguf::Writer& writer);

 private:
  using Pool = std::vector<std::byte>;
  const Pool& pool(quant::Type type, uint64_t columns);

  RandomBits random_;
  std::map<std::pair<quant::Type, uint64_t>, Pool> pools_;
};

// rope_freqs.weight [key_length / 2]: by what each pair's frequency is divided.
std::vector<float> rope_factors(const RopeStretch& stretch, double freq_base, uint32_t key_length);

}  // namespace chord::cli
