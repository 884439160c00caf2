#include "session/generation.h"

#include <algorithm>
#include <utility>

namespace chord::session {
namespace {

// Where one row was needed, those that follow probably are: so many are asked for at once.
constexpr uint32_t kRowSteps = 16;

}  // namespace

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
  if (options.draft_tokens > kMaxDraft) {
    return fail(ErrorCode::invalid_argument, "draft_tokens is ", options.draft_tokens,
                "; it must be at most ", kMaxDraft);
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
      lookup_(options.draft_tokens),
      detokenizer_(tokenizer, options.special_text),
      stop_matcher_(options.stops),
      position_(prompt.size()) {
  window_.push(prompt);
}

std::vector<int32_t> Generation::guess(std::span<const int32_t> text, uint32_t limit) {
  const uint32_t wanted = options_.max_tokens == 0 ? limit : options_.max_tokens - generated_tokens_ - 1;
  return lookup_.guess(text, std::min(limit, wanted));
}

std::vector<plan::SamplingInputs> Generation::sampling_inputs(std::span<const int32_t> guessed, bool draws) {
  std::vector<plan::SamplingInputs> rows;
  rows.reserve(guessed.size() + 1);
  sampling::PenaltyWindow window = window_;
  rows.push_back(inputs_after(window));
  for (const int32_t token : guessed) {
    window.push(token);
    rows.push_back(inputs_after(window));
  }
  // Tokens that were drawn are not the likeliest ones that were asked for.
  const bool other_candidates = sampler_.needed_candidates() == 0 && options_.candidates != 0;
  drew_ = draws && !is_filtered() && row_steps_ == 0 && !other_candidates;
  if (row_steps_ != 0) --row_steps_;
  if (drew_) {
    rows[0].whole_row = false;
    rows[0].draw = draw();
  }
  return rows;
}

plan::SamplingInputs Generation::inputs_after(const sampling::PenaltyWindow& window) const {
  const bool filtered = options_.filter_logits;
  return {.candidate_count = filtered ? 0 : std::max(sampler_.needed_candidates(), options_.candidates),
          .whole_row = filtered || sampler_.may_need_row(),
          .repetition_penalty = options_.sampling.repetition_penalty,
          .frequency_penalty = options_.sampling.frequency_penalty,
          .presence_penalty = options_.sampling.presence_penalty,
          .penalized = window.counts(),
          .biases = options_.sampling.biases};
}

plan::Draw Generation::draw() const {
  plan::Draw draw = sampler_.draw_at(position_);
  draw.window_length = window_.length();
  draw.window.assign(window_.tokens().begin(), window_.tokens().end());
  draw.ends = options_.stop_tokens;
  if (!options_.ignore_eos) {
    const std::vector<int32_t>& ends = tokenizer_->end_of_generation_tokens();
    draw.ends.insert(draw.ends.end(), ends.begin(), ends.end());
  }
  if (options_.max_tokens != 0) draw.tokens = options_.max_tokens - generated_tokens_;
  return draw;
}

Result<bool> Generation::needs_row(plan::Executor& executor) {
  if (!std::exchange(drew_, false)) return false;
  CHORD_ASSIGN(const plan::CandidateList candidates, executor.candidates(0));
  CHORD_ASSIGN(choice_, sampler_.pick(candidates, position_));
  if (choice_) return false;
  row_steps_ = kRowSteps;
  return true;
}

Result<std::optional<Piece>> Generation::sample(plan::Executor& executor, uint32_t row) {
  CHORD_ASSIGN(const sampling::Choice choice, choose(executor, row));
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

Result<sampling::Choice> Generation::choose(plan::Executor& executor, uint32_t row) {
  if (is_filtered()) return sampler_.pick_from_row(row_, position_);
  if (choice_) return *std::exchange(choice_, std::nullopt);
  if (sampler_.needed_candidates() != 0) {
    CHORD_ASSIGN(const plan::CandidateList candidates, executor.candidates(row));
    CHORD_ASSIGN(const auto choice, sampler_.pick(candidates, position_));
    if (choice) return *choice;
  }
  CHORD_CHECK(read_row(executor, row));
  return sampler_.pick_from_row(row_, position_);
}

Result<void> Generation::read_row(plan::Executor& executor, uint32_t row) {
  row_.resize(vocab_size_);
  return executor.read_logits(row, row_);
}

Result<plan::CandidateList> Generation::candidates(plan::Executor& executor, uint32_t row) {
  if (is_filtered()) return sampling::likeliest(row_, options_.candidates);
  return executor.candidates(row);
}

void Generation::learn(uint32_t guessed, uint32_t right) {
  lookup_.learn(guessed, right);
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
