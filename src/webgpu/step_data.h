// The parameters of a step as the shaders read them: an array of words, and the pairs of penalties and
// biases.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/device.h"

namespace chord::webgpu {

// Where things are in the array: [first_position, steps done, tokens, outputs, …], token ids, output rows,
// and for each output row kSamplingWords: candidate count, repetition, frequency and presence penalty, first
// pair and number of penalized tokens, and the same of biases.
struct StepLayout {
  static constexpr uint32_t kSamplingWords = 8;

  explicit StepLayout(const plan::ExecutorOptions& options)
      : outputs(tokens + options.max_tokens),
        sampling(outputs + options.max_outputs),
        words(sampling + options.max_outputs * kSamplingWords) {}

  static constexpr uint32_t kTokenCount = 2;
  static constexpr uint32_t kOutputCount = 3;
  uint32_t tokens = 8;
  uint32_t outputs;
  uint32_t sampling;
  uint32_t words;
};

struct StepData {
  std::vector<uint32_t> words;
  std::vector<uint32_t> pairs;  // token and count, or token and bias
};

void pack(const plan::Step& step, const StepLayout& layout, StepData& data);

}  // namespace chord::webgpu
