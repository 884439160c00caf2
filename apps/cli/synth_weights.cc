#include "synth_weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "base/math.h"
#include "quant/encode.h"

namespace chord::cli {
namespace {

// Encoding a K-quant is a search that takes minutes for a billion weights. So a pool of pieces is encoded
// once for each type and length of row, and rows are put together from pieces drawn from it: no two rows are
// the same, and what a kernel or the memory sees is as random as if every weight had been drawn.
constexpr size_t kPieceLength = 256;  // a whole number of every type's blocks
constexpr size_t kPieces = 1024;      // a power of two

// The sum of four uniform numbers, which is normal enough and needs no function that differs between
// machines. Mean 0, variance 1.
float normal(uint64_t bits) {
  int32_t sum = 0;
  for (int shift = 0; shift < 64; shift += 16) sum += static_cast<int32_t>(bits >> shift & 0xffff);
  return static_cast<float>(sum - 2 * 0xffff) * (std::numbers::sqrt3_v<float> / 65536);
}

}  // namespace

uint64_t RandomBits::next() {
  state_ += 0x9e3779b97f4a7c15;
  uint64_t bits = state_;
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
  return bits ^ bits >> 31;
}

const RandomWeights::Pool& RandomWeights::pool(quant::Type type, uint64_t columns) {
  Pool& pool = pools_[{type, columns}];
  if (!pool.empty()) return pool;
  const float deviation = 1 / std::sqrt(static_cast<float>(columns));
  std::vector<float> weights(kPieces * kPieceLength);
  for (float& weight : weights) weight = normal(random_.next()) * deviation;
  pool.resize(static_cast<size_t>(quant::bytes_of(type, weights.size())));
  quant::encode(type, weights, pool);
  return pool;
}

Result<void> RandomWeights::write_matrix(const gguf::TensorInfo& tensor, gguf::Writer& writer) {
  const Pool& from = pool(tensor.type, tensor.columns());
  const size_t piece_bytes = from.size() / kPieces;
  constexpr size_t kAtOnce = 4096;  // pieces: a megabyte of weights
  std::vector<std::byte> out;
  for (uint64_t left = tensor.columns() * tensor.rows() / kPieceLength; left > 0;) {
    const auto count = static_cast<size_t>(std::min<uint64_t>(left, kAtOnce));
    out.resize(count * piece_bytes);
    for (size_t i = 0; i < count; ++i) {
      const size_t piece = random_.next() % kPieces;
      std::memcpy(out.data() + i * piece_bytes, from.data() + piece * piece_bytes, piece_bytes);
    }
    CHORD_CHECK(writer.write_data(out));
    left -= count;
  }
  return {};
}

Result<void> RandomWeights::write_vector(const gguf::TensorInfo& tensor, float mean, gguf::Writer& writer) {
  std::vector<float> weights(static_cast<size_t>(tensor.columns()));
  for (float& weight : weights) weight = mean + 0.1f * normal(random_.next());
  return writer.write_data(std::as_bytes(std::span(weights)));
}

std::vector<float> rope_factors(const RopeStretch& stretch, double freq_base, uint32_t key_length) {
  std::vector<float> factors;
  for (uint32_t pair = 0; pair < key_length / 2; ++pair) {
    const double frequency = math::pow(freq_base, -2.0 * pair / key_length);
    const double turns = stretch.original_context_length * frequency / (2 * std::numbers::pi);
    const double kept = std::clamp(
        (turns - stretch.low_freq_factor) / (stretch.high_freq_factor - stretch.low_freq_factor), 0.0, 1.0);
    // Between the two limits, frequencies are mixed from the divided and the kept one.
    factors.push_back(static_cast<float>(1 / ((1 - kept) / stretch.factor + kept)));
  }
  return factors;
}

}  // namespace chord::cli
