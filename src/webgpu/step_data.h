// The parameters of a step as the shaders read them: an array of words, and the pairs of biases and
// penalties.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/device.h"

namespace chord::webgpu {

// Where things are in the array: [first_position, steps done, tokens, outputs, …], token ids, for each token
// the cells where its text begins and ends, output rows, and for each output row kSamplingWords: candidate
// count, repetition, frequency and presence penalty, first pair and number of penalized tokens, and the same
// of biases. Last kDrawWords, of a step that draws: seed and position (two words each), temperature, top-k,
// top-p, the logarithm of min-p, 1 for a draw from the whole row; the penalties' window, as a ring of pairs:
// its length, how many it has, the oldest, and where it begins.
struct StepLayout {
  static constexpr uint32_t kSamplingWords = 8;
  static constexpr uint32_t kDrawWords = 16;
  static constexpr uint32_t kDrawn = 8;  // candidates of a draw from the whole row

  explicit StepLayout(const plan::ExecutorOptions& options)
      : texts(tokens + options.max_tokens),
        outputs(texts + options.max_tokens * 2),
        sampling(outputs + options.max_outputs),
        draw(sampling + options.max_outputs * kSamplingWords),
        words(draw + kDrawWords) {}

  static constexpr uint32_t kTokenCount = 2;
  static constexpr uint32_t kOutputCount = 3;
  uint32_t tokens = 8;
  uint32_t texts;
  uint32_t outputs;
  uint32_t sampling;
  uint32_t draw;
  uint32_t words;
};

struct StepData {
  std::vector<uint32_t> words;
  std::vector<uint32_t> pairs;  // token and bias, or token and count
};

// steps: how many may follow this one before the next is packed.
void pack(const plan::Step& step, const StepLayout& layout, uint32_t steps, StepData& data);

}  // namespace chord::webgpu
