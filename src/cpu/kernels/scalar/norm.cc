#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {
namespace {

double mean(const float* x, uint32_t length) {
  double sum = 0;
  for (uint32_t i = 0; i < length; ++i) sum += static_cast<double>(x[i]);
  return sum / length;
}

double mean_square_around(const float* x, uint32_t length, double center) {
  double sum = 0;
  for (uint32_t i = 0; i < length; ++i) {
    const double difference = static_cast<double>(x[i]) - center;
    sum += difference * difference;
  }
  return sum / length;
}

}  // namespace

void Ops::norm(const Step& step, const Norm& op, const Share& /*share*/) {
  const uint32_t length = op.columns / op.groups;
  const auto* weight = at<const float>(op.weight);
  const auto* bias = at<const float>(op.bias);
  const auto* x = at<const float>(op.x);
  auto* out = at<float>(op.out);
  const uint32_t parts = row_count(step, op.rows) * op.groups;
  for (uint32_t part = 0; part < parts; ++part, x += length, out += length) {
    const double center = op.layer != 0 ? mean(x, length) : 0;
    const double variance = mean_square_around(x, length, center);
    const double scale = 1 / __builtin_sqrt(variance + static_cast<double>(op.epsilon));
    for (uint32_t i = 0; i < length; ++i) {
      const double normal = (static_cast<double>(x[i]) - center) * scale * static_cast<double>(weight[i]);
      out[i] = static_cast<float>(bias != nullptr ? normal + static_cast<double>(bias[i]) : normal);
    }
  }
}

}  // namespace chord::cpu::kernels::scalar
