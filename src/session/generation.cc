#include "session/generation.h"

#include <algorithm>
#include <utility>

namespace chord::session {

Result<Generation> Generation::create(const text::Tokenizer& tokenizer, const GenerationOptions& options,
                                      uint32_t vocab_size, std::span<const int32_t> prompt) {
  for (const int32_t token : options.stop_tokens) {
    if (token >= 0 && static_cast<uint32_t>(token) < vocab_size) continue;
    return fail(ErrorCode::invalid_argument, "stop token ", token,
                " is not in the vocabulary, whose ids are 0 to ", vocab_size - 1);
  }
  if (options.candidates > plan::kMaxCandidates) {
    return fail(ErrorCode::invalid_argument, "candidates is ", options.candidates, "; it must be at most ",
                plan::kMaxCandidates);
  }
  CHORD_ASSIGN(sampling::Sampler sampler, sampling::Sampler::create(options.sampling, vocab_size));
  return Generation(tokenizer, options, vocab_size, std::move(sampler), prompt);
}

Generation::Generation(const text::Tokenizer& tokenizer, const GenerationOptions& options,
                       uint32_t vocab_size, sampling::Sampler sampler, std::span<const int32_t> prompt)
    : tokenizer_(&tokenizer),
      options_(options),
      vocab_size_(vocab_size),
      sampler_(std::move(sampler)),
      window_(options.sampling.has_penalties() ? options.sampling.penalty_window : 0),
      detokenizer_(tokenizer, options.special_text),
      stop_matcher_(options.stops),
      position_(prompt.size()) {
  window_.push(prompt);
}

plan::SamplingInputs Generation::sampling_inputs() const {
  const bool filtered = options_.filter_logits;
  return {.candidate_count = filtered ? 0 : std::max(sampler_.needed_candidates(), options_.candidates),
          .whole_row = filtered || sampler_.may_need_row(),
          .repetition_penalty = options_.sampling.repetition_penalty,
          .frequency_penalty = options_.sampling.frequency_penalty,
          .presence_penalty = options_.sampling.presence_penalty,
          .penalized = window_.counts(),
          .biases = options_.sampling.biases};
}

Result<std::optional<Piece>> Generation::sample(plan::Executor& executor) {
  CHORD_ASSIGN(const sampling::Choice choice, choose(executor));
  if (ends_text(choice.token)) {
    finish_ = Finish::stop;
    return std::nullopt;
  }
  ++position_;
  ++generated_tokens_;
  window_.push(choice.token);
  auto output = stop_matcher_.push(detokenizer_.push(choice.token));
  if (output.stopped) {
    finish_ = Finish::stop;
  } else if (generated_tokens_ == options_.max_tokens) {
    finish_ = Finish::length;
  }
  return Piece{.text = std::move(output.text), .token = choice.token, .logprob = choice.logprob};
}

Result<sampling::Choice> Generation::choose(plan::Executor& executor) {
  if (is_filtered()) return sampler_.pick_from_row(row_, position_);
  if (sampler_.needed_candidates() != 0) {
    CHORD_ASSIGN(const plan::CandidateList candidates, executor.candidates(0));
    CHORD_ASSIGN(const auto choice, sampler_.pick(candidates, position_));
    if (choice) return *choice;
  }
  CHORD_CHECK(read_row(executor));
  return sampler_.pick_from_row(row_, position_);
}

Result<void> Generation::read_row(plan::Executor& executor) {
  row_.resize(vocab_size_);
  return executor.read_logits(0, row_);
}

Result<plan::CandidateList> Generation::candidates(plan::Executor& executor) {
  if (is_filtered()) return sampling::likeliest(row_, options_.candidates);
  return executor.candidates(0);
}

bool Generation::ends_text(int32_t token) const {
  if (!options_.ignore_eos && tokenizer_->is_end_of_generation(token)) return true;
  return std::ranges::find(options_.stop_tokens, token) != options_.stop_tokens.end();
}

std::string Generation::end_text() {
  if (stop_matcher_.stopped()) return "";
  std::string text = stop_matcher_.push(detokenizer_.finish()).text;
  return text + stop_matcher_.finish();
}

}  // namespace chord::session
