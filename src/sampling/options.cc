#include "sampling/options.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/heap_sort.h"

namespace chord::sampling {
namespace {

Result<void> expect_finite(std::string_view name, float value) {
  if (std::isfinite(value)) return {};
  return fail(ErrorCode::invalid_argument, name, " is ", value, "; it must be a finite number");
}

Result<void> expect_probability(std::string_view name, float value) {
  if (value >= 0 && value <= 1) return {};
  return fail(ErrorCode::invalid_argument, name, " is ", value, "; it must be from 0 to 1");
}

Result<void> validate_biases(const Options& options, uint32_t vocab_size) {
  std::vector<int32_t> tokens;
  for (const plan::TokenBias& bias : options.biases) {
    if (bias.token < 0 || static_cast<uint32_t>(bias.token) >= vocab_size) {
      return fail(ErrorCode::invalid_argument, "a logit bias is for token ", bias.token,
                  ", but the vocabulary has ids from 0 to ", vocab_size - 1);
    }
    if (!std::isfinite(bias.bias) && bias.bias != -INFINITY) {
      return fail(ErrorCode::invalid_argument, "the logit bias of token ", bias.token, " is ", bias.bias,
                  "; it must be a finite number or -infinity");
    }
    tokens.push_back(bias.token);
  }
  heap_sort(tokens);
  const auto twice = std::ranges::adjacent_find(tokens);
  if (twice == tokens.end()) return {};
  return fail(ErrorCode::invalid_argument, "token ", *twice, " has two logit biases; give it one");
}

}  // namespace

Result<void> validate(const Options& options, uint32_t vocab_size) {
  if (!(options.temperature >= 0 && std::isfinite(options.temperature))) {
    return fail(ErrorCode::invalid_argument, "temperature is ", options.temperature,
                "; it must be a finite number, 0 (greedy) or above");
  }
  CHORD_CHECK(expect_probability("top_p", options.top_p));
  CHORD_CHECK(expect_probability("min_p", options.min_p));
  if (!(options.repetition_penalty > 0 && std::isfinite(options.repetition_penalty))) {
    return fail(ErrorCode::invalid_argument, "repetition_penalty is ", options.repetition_penalty,
                "; it must be a finite number above 0 (1: no penalty)");
  }
  CHORD_CHECK(expect_finite("frequency_penalty", options.frequency_penalty));
  CHORD_CHECK(expect_finite("presence_penalty", options.presence_penalty));
  return validate_biases(options, vocab_size);
}

}  // namespace chord::sampling
