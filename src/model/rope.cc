#include "model/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/math.h"

namespace chord::model {
namespace {

// The (fractional) pair whose frequency makes `rotations` full turns within the original context
// (arXiv:2309.00071, section 3.2).
double pair_of_rotations(const RopeConfig& rope, double rotations) {
  const double turn = 2 * std::numbers::pi;
  return rope.dimension_count * math::log(rope.original_context_length / (rotations * turn)) /
         (2 * math::log(rope.freq_base));
}

// 1 for pairs that turn fast enough to be kept as they are, 0 for those that are divided by the factor.
class YarnRamp {
 public:
  explicit YarnRamp(const RopeConfig& rope)
      : first_(std::max(0.0, std::floor(pair_of_rotations(rope, rope.beta_fast)))),
        last_(std::min(rope.dimension_count - 1.0, std::ceil(pair_of_rotations(rope, rope.beta_slow)))) {}

  double operator()(uint32_t pair) const {
    return 1 - std::clamp((pair - first_) / std::max(0.001, last_ - first_), 0.0, 1.0);
  }

 private:
  double first_;
  double last_;
};

}  // namespace

RopeFactors load_rope_factors(Tensors& tensors, const RopeConfig& rope) {
  const auto find = [&](const char* name) { return tensors.find_vector(name, rope.dimension_count / 2); };
  return {.always = find("rope_freqs.weight"),
          .when_short = find("rope_factors_short.weight"),
          .when_long = find("rope_factors_long.weight")};
}

plan::RopeSettings rope_settings(const RopeConfig& rope, uint32_t head_length, plan::RopeOrder order,
                                 const RopeFactors& factors) {
  plan::RopeSettings settings{.order = order,
                              .head_length = head_length,
                              .rotary_length = rope.dimension_count,
                              .frequencies = {},
                              .factors = factors.always ? factors.always : factors.when_short,
                              .magnitude = 1,
                              .long_factors = factors.always ? std::nullopt : factors.when_long,
                              .short_context = rope.original_context_length};
  const YarnRamp kept(rope);
  for (uint32_t pair = 0; pair < rope.dimension_count / 2; ++pair) {
    const double frequency = math::pow(rope.freq_base, -2.0 * pair / rope.dimension_count);
    const double divided = frequency / rope.factor;
    switch (rope.scaling) {
      case RopeScaling::none:
        settings.frequencies.push_back(frequency);
        break;
      case RopeScaling::linear:
        settings.frequencies.push_back(divided);
        break;
      case RopeScaling::yarn:
        settings.frequencies.push_back(kept(pair) * frequency + (1 - kept(pair)) * divided);
        break;
    }
  }
  double magnitude = rope.attention_factor;
  // A context that was not stretched has no larger entropy to make up for.
  if (rope.scaling == RopeScaling::yarn && rope.factor > 1) magnitude *= 1 + 0.1 * math::log(rope.factor);
  settings.magnitude = static_cast<float>(magnitude);
  return settings;
}

}  // namespace chord::model
