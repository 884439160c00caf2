#include "webgpu/step_data.h"

#include <algorithm>
#include <bit>

namespace chord::webgpu {

void pack(const plan::Step& step, const StepLayout& layout, StepData& data) {
  data.words.assign(layout.words, 0);
  data.pairs.clear();
  data.words[0] = step.first_position;
  data.words[StepLayout::kTokenCount] = static_cast<uint32_t>(step.tokens.size());
  data.words[StepLayout::kOutputCount] = static_cast<uint32_t>(step.output_rows.size());
  std::ranges::copy(step.tokens, data.words.begin() + layout.tokens);
  std::ranges::copy(step.output_rows, data.words.begin() + layout.outputs);
  uint32_t* word = data.words.data() + layout.sampling;
  for (const plan::SamplingInputs& inputs : step.sampling) {
    word[0] = inputs.candidate_count;
    word[1] = std::bit_cast<uint32_t>(inputs.repetition_penalty);
    word[2] = std::bit_cast<uint32_t>(inputs.frequency_penalty);
    word[3] = std::bit_cast<uint32_t>(inputs.presence_penalty);
    word[4] = static_cast<uint32_t>(data.pairs.size() / 2);
    word[5] = static_cast<uint32_t>(inputs.penalized.size());
    for (const plan::TokenCount& entry : inputs.penalized) {
      data.pairs.insert(data.pairs.end(), {static_cast<uint32_t>(entry.token), entry.count});
    }
    word[6] = static_cast<uint32_t>(data.pairs.size() / 2);
    word[7] = static_cast<uint32_t>(inputs.biases.size());
    for (const plan::TokenBias& entry : inputs.biases) {
      data.pairs.insert(data.pairs.end(),
                        {static_cast<uint32_t>(entry.token), std::bit_cast<uint32_t>(entry.bias)});
    }
    word += StepLayout::kSamplingWords;
  }
}

}  // namespace chord::webgpu
