#include "cpu/kernels/blocks.h"
#include "cpu/kernels/half.h"
#include "cpu/kernels/math.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {
namespace {

double element(KvType type, const uint8_t* cell, uint32_t i) {
  switch (type) {
    case KvType::f16:
      return static_cast<double>(f16_to_f32(reinterpret_cast<const uint16_t*>(cell)[i]));
    case KvType::f32:
      return static_cast<double>(reinterpret_cast<const float*>(cell)[i]);
    case KvType::q8_0: {
      const Q80& block = reinterpret_cast<const Q80*>(cell)[i / 32];
      return static_cast<double>(static_cast<float>(block.qs[i % 32]) * f16_to_f32(block.d));
    }
  }
  __builtin_unreachable();
}

// One query against the keys of its head.
struct Query {
  const Attention& op;
  const float* q;
  Cells keys;
  Cells values;
  uint32_t first;  // the positions that it sees
  uint32_t last;

  double score(uint32_t position) const {
    const uint8_t* cell = cell_of(keys, position);
    double dot = 0;
    for (uint32_t i = 0; i < op.cache.key_length; ++i) {
      dot += static_cast<double>(q[i]) * element(op.cache.type, cell, i);
    }
    const double score = dot * static_cast<double>(op.scale);
    const auto cap = static_cast<double>(op.soft_cap);
    return cap != 0 ? cap * tanh(score / cap) : score;
  }

  double largest_score() const {
    double largest = score(first);
    for (uint32_t p = first + 1; p <= last; ++p) {
      const double candidate = score(p);
      if (candidate > largest) largest = candidate;
    }
    return largest;
  }

  // out[i] of the kColumns values from `begin`: their mean, weighted with the softmax of the scores.
  // There is no memory for the scores, so each is computed again here.
  void attend(double largest, double sink_weight, uint32_t begin, float* out) const {
    constexpr uint32_t kColumns = 64;
    double sums[kColumns] = {};
    double total = sink_weight;
    const uint32_t left = op.cache.value_length - begin;
    const uint32_t columns = left < kColumns ? left : kColumns;
    for (uint32_t p = first; p <= last; ++p) {
      const double weight = exp(score(p) - largest);
      const uint8_t* cell = cell_of(values, p);
      total += weight;
      for (uint32_t i = 0; i < columns; ++i) sums[i] += weight * element(op.cache.type, cell, begin + i);
    }
    for (uint32_t i = 0; i < columns; ++i) out[begin + i] = static_cast<float>(sums[i] / total);
    if (left > kColumns) attend(largest, sink_weight, begin + kColumns, out);
  }
};

}  // namespace

void Ops::attention(const Step& step, const Attention& op, const Share& /*share*/) {
  const Cache& cache = op.cache;
  const auto* sinks = at<const float>(op.sinks);
  const uint32_t group = op.head_count / cache.head_count;
  for (uint32_t t = 0; t < step.token_count; ++t) {
    const uint32_t last = last_visible(step, op, t);
    for (uint32_t head = 0; head < op.head_count; ++head) {
      const uint64_t index = uint64_t{t} * op.head_count + head;
      const Query query = {.op = op,
                           .q = at<const float>(op.q) + index * cache.key_length,
                           .keys = key_cells(cache, step.slot, head / group),
                           .values = value_cells(cache, step.slot, head / group),
                           .first = first_visible(cache, op.window, last),
                           .last = last};
      double largest = query.largest_score();
      double sink_weight = 0;
      if (sinks != nullptr) {
        const auto sink = static_cast<double>(sinks[head]);
        if (sink > largest) largest = sink;
        sink_weight = exp(sink - largest);
      }
      query.attend(largest, sink_weight, 0, at<float>(op.out) + index * cache.value_length);
    }
  }
}

}  // namespace chord::cpu::kernels::scalar
