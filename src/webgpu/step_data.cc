#include "webgpu/step_data.h"

#include <algorithm>
#include <bit>

#include "base/math.h"

namespace chord::webgpu {
namespace {

constexpr float kNone = -3.0e38F;

uint32_t word(float value) {
  return std::bit_cast<uint32_t>(value);
}

void add(std::vector<uint32_t>& pairs, int32_t token, uint32_t second) {
  pairs.insert(pairs.end(), {static_cast<uint32_t>(token), second});
}

uint32_t pair_count(const StepData& data) {
  return static_cast<uint32_t>(data.pairs.size() / 2);
}

void pack(const plan::Draw& draw, bool from_row, uint32_t steps, uint32_t first_pair, uint32_t* to,
          StepData& data) {
  const auto used = static_cast<uint32_t>(draw.window.size());
  // Each step may bring a token that the window has not had.
  const auto room = static_cast<uint32_t>(std::min<uint64_t>(draw.window_length, uint64_t{used} + steps));
  data.pairs.resize(size_t{2} * (first_pair + room));
  const float min_p = draw.min_p > 0 ? static_cast<float>(math::log(draw.min_p)) : kNone;
  const uint32_t words[] = {static_cast<uint32_t>(draw.seed),
                            static_cast<uint32_t>(draw.seed >> 32),
                            static_cast<uint32_t>(draw.position),
                            static_cast<uint32_t>(draw.position >> 32),
                            word(draw.temperature),
                            draw.top_k,
                            word(draw.top_p),
                            word(min_p),
                            from_row ? 1U : 0U,
                            draw.window_length,
                            used,
                            0,
                            pair_count(data)};
  static_assert(std::size(words) <= StepLayout::kDrawWords);
  std::ranges::copy(words, to);
  for (const int32_t token : draw.window) add(data.pairs, token, 0);
  data.pairs.resize(size_t{2} * (words[12] + room));
}

}  // namespace

void pack(const plan::Step& step, const StepLayout& layout, uint32_t steps, StepData& data) {
  data.words.assign(layout.words, 0);
  data.pairs.clear();
  data.words[0] = step.first_position;
  data.words[StepLayout::kTokenCount] = static_cast<uint32_t>(step.tokens.size());
  data.words[StepLayout::kOutputCount] = static_cast<uint32_t>(step.output_rows.size());
  std::ranges::copy(step.tokens, data.words.begin() + layout.tokens);
  const auto count = static_cast<uint32_t>(step.tokens.size());
  uint32_t* cells = data.words.data() + layout.texts;
  size_t next = 0;  // text
  for (uint32_t row = 0, begin = 0; row < count; ++row, cells += 2) {
    if (next < step.texts.size() && step.texts[next] == row) begin = step.texts[next++];
    cells[0] = begin;
    cells[1] = next < step.texts.size() ? step.texts[next] : step.first_position + count;
  }
  std::ranges::copy(step.output_rows, data.words.begin() + layout.outputs);
  uint32_t* words = data.words.data() + layout.sampling;
  for (const plan::SamplingInputs& inputs : step.sampling) {
    words[0] = inputs.candidate_count;
    words[1] = word(inputs.repetition_penalty);
    words[2] = word(inputs.frequency_penalty);
    words[3] = word(inputs.presence_penalty);
    words[6] = pair_count(data);
    words[7] = static_cast<uint32_t>(inputs.biases.size());
    for (const plan::TokenBias& entry : inputs.biases) add(data.pairs, entry.token, word(entry.bias));
    words[4] = pair_count(data);
    words[5] = static_cast<uint32_t>(inputs.penalized.size());
    for (const plan::TokenCount& entry : inputs.penalized) add(data.pairs, entry.token, entry.count);
    if (inputs.draw) {
      const bool from_row = inputs.candidate_count == 0;
      if (from_row) words[0] = StepLayout::kDrawn;
      pack(*inputs.draw, from_row, steps, words[4], data.words.data() + layout.draw, data);
    }
    words += StepLayout::kSamplingWords;
  }
}

}  // namespace chord::webgpu
