#include "webgpu/ahead.h"

#include <algorithm>

#include "webgpu/program.h"

namespace chord::webgpu {
namespace {

// Steps of about so long are submitted in one go: those that nobody wants delay what follows.
constexpr uint32_t kStrideMs = 24;

// Whether `next` is the window after `token` has come into `last`.
bool follows(const plan::Draw& last, const plan::Draw& next, int32_t token) {
  if (last.window_length == 0) return next.window.empty();
  const bool full = last.window.size() == last.window_length;
  const auto rest = std::span(last.window).subspan(full ? 1 : 0);
  return next.window.size() == rest.size() + 1 && next.window.back() == token &&
         std::ranges::equal(rest, std::span(next.window).first(rest.size()));
}

bool is_alike(const plan::Draw& a, const plan::Draw& b) {
  return a.seed == b.seed && a.temperature == b.temperature && a.top_k == b.top_k && a.top_p == b.top_p &&
         a.min_p == b.min_p && a.window_length == b.window_length && a.position + 1 == b.position;
}

bool is_alike(const plan::SamplingInputs& a, const plan::SamplingInputs& b) {
  return a.candidate_count == b.candidate_count && a.repetition_penalty == b.repetition_penalty &&
         a.frequency_penalty == b.frequency_penalty && a.presence_penalty == b.presence_penalty &&
         a.biases == b.biases;
}

}  // namespace

bool can_go_on(const plan::Step& step) {
  return step.tokens.size() == 1 && step.sampling.size() == 1 && step.sampling[0].draw &&
         !step.sampling[0].whole_row;
}

void Expectation::after(const plan::Step& step) {
  position_ = step.first_position + 1;
  inputs_ = step.sampling[0];
}

bool Expectation::is_met_by(const plan::Step& step) const {
  if (position_ == 0 || !can_go_on(step) || step.first_position != position_ || step.tokens[0] != token_)
    return false;
  const plan::SamplingInputs& inputs = step.sampling[0];
  return is_alike(inputs_, inputs) && is_alike(*inputs_.draw, *inputs.draw) &&
         follows(*inputs_.draw, *inputs.draw, token_);
}

uint32_t Stride::take(uint32_t limit) {
  const uint32_t steps = std::min(next_, limit);
  next_ = std::min(2 * next_, Program::kMaxAhead);
  return steps;
}

// Of the shortest time, all may be what any read-back takes.
void Stride::took(uint32_t steps, uint32_t milliseconds) {
  fastest_ = std::min(fastest_, milliseconds);
  const uint32_t computing = std::max(milliseconds - fastest_, 1U);
  next_ = std::clamp(steps * kStrideMs / computing, 1U, next_);
}

}  // namespace chord::webgpu
