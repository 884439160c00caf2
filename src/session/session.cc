#include "session/session.h"

#include <algorithm>
#include <utility>

namespace chord::session {

Result<Session> Session::create(std::unique_ptr<plan::Executor> executor, const text::Tokenizer* tokenizer,
                                const Settings& settings, plan::Clock clock) {
  CHORD_CHECK(validate(settings));
  return Session(std::move(executor), tokenizer, settings, clock);
}

Session::Session(std::unique_ptr<plan::Executor> executor, const text::Tokenizer* tokenizer,
                 const Settings& settings, plan::Clock clock)
    : executor_(std::move(executor)),
      tokenizer_(tokenizer),
      settings_(settings),
      clock_(clock),
      context_(settings.context_length) {}

Result<void> Session::generate(std::span<const int32_t> tokens, const GenerationOptions& options) {
  CHORD_CHECK(check_start(tokens));
  CHORD_CHECK(check_decoder());
  if (tokenizer_ == nullptr) {
    return fail(ErrorCode::invalid_model,
                "the file has no usable tokenizer, so it cannot generate text; evaluate() works");
  }
  if (settings_.overflow == Overflow::refuse &&
      uint64_t{options.max_tokens} + tokens.size() > settings_.context_length) {
    return fail(ErrorCode::context_overflow, "the prompt has ", tokens.size(), " tokens and max_tokens is ",
                options.max_tokens, ", but the context holds ", settings_.context_length,
                " in all; shorten the prompt, lower max_tokens or choose a longer context");
  }
  CHORD_ASSIGN(Generation generation, Generation::create(*tokenizer_, options, settings_.vocab_size, tokens));
  generation_.emplace(std::move(generation));
  start(Work::generation, tokens);
  return {};
}

Result<void> Session::evaluate(std::span<const int32_t> tokens) {
  CHORD_CHECK(check_start(tokens));
  CHORD_CHECK(check_decoder());
  context_.clear();
  start(Work::evaluation, tokens);
  return {};
}

Result<void> Session::embed(std::span<const int32_t> tokens, std::span<const uint32_t> lengths,
                            const EmbeddingOptions& options) {
  using model::Pooling;
  CHORD_CHECK(check_idle());
  if (lengths.empty()) return fail(ErrorCode::invalid_argument, "there are no texts to embed");
  size_t at = 0;
  for (size_t i = 0; i < lengths.size(); at += lengths[i++]) {
    const auto valid = check_start(tokens.subspan(at, lengths[i]));
    if (valid) continue;
    return fail(valid.error().code(), "text ", i, ": ", valid.error().message());
  }
  const Pooling pooling = options.pooling != Pooling::none ? options.pooling : settings_.pooling;
  if (pooling == Pooling::none) {
    return fail(ErrorCode::invalid_argument,
                "the file does not say how the embeddings of tokens become that of a text (pooling_type), ",
                "so it may not be made for embeddings; choose mean, cls or last");
  }
  pooler_.emplace(pooling, options.raw, settings_.embedding_length, tokens, lengths);
  begin(Work::embedding);
  open_texts();
  info_.prompt_tokens = static_cast<uint32_t>(tokens.size());
  info_.reused_tokens = context_.used();
  return {};
}

// Makes the next text the context's, or the next ones, where a step can hold them.
void Session::open_texts() {
  const bool together = executor_->takes_texts();
  pooler_->open(together ? pooler_->fitting(settings_.batch_length, settings_.max_outputs) : 1);
  const bool one = pooler_->begins().size() == 1;
  // Of a beginning that is cached the rows are gone, and what a token of an encoder was depends on its text.
  if (!one || settings_.is_encoder || !pooler_->wants_last_row_only()) context_.clear();
  context_.assign(pooler_->tokens());
  restart_if_lost();
}

Result<void> Session::check_decoder() const {
  if (!settings_.is_encoder) return {};
  return fail(ErrorCode::invalid_model,
              "the model is an encoder: it embeds texts, and cannot generate or evaluate them");
}

Result<uint64_t> Session::save() {
  CHORD_CHECK(check_idle());
  CHORD_CHECK(check_decoder());
  transfer_ = std::make_unique<Transfer>(settings_, context_.evaluated(), *executor_);
  begin(Work::transfer);
  return transfer_->size();
}

Result<void> Session::load(uint64_t size) {
  CHORD_CHECK(check_idle());
  CHORD_CHECK(check_decoder());
  if (size < Transfer::kLeastBytes) {
    return fail(ErrorCode::invalid_session, "a saved session has at least ", Transfer::kLeastBytes,
                " bytes; this has ", size);
  }
  transfer_ = std::make_unique<Transfer>(settings_, size);
  begin(Work::transfer);
  return {};
}

Result<void> Session::check_idle() const {
  if (work_ == Work::none) return {};
  return fail(ErrorCode::busy, "work is running in this session; step until it is done, or cancel it");
}

Result<void> Session::check_start(std::span<const int32_t> tokens) const {
  CHORD_CHECK(check_idle());
  if (tokens.empty()) {
    return fail(ErrorCode::invalid_argument,
                "the prompt has no tokens; give at least one, such as the BOS token");
  }
  if (tokens.size() > settings_.context_length) {
    return fail(ErrorCode::context_overflow, "the prompt has ", tokens.size(),
                " tokens, but the context holds ", settings_.context_length,
                "; shorten the prompt or choose a longer context");
  }
  for (const int32_t token : tokens) {
    if (token >= 0 && static_cast<uint32_t>(token) < settings_.vocab_size) continue;
    return fail(ErrorCode::invalid_argument, "token ", token,
                " of the prompt is not in the vocabulary, whose ids ", "are 0 to ", settings_.vocab_size - 1);
  }
  return {};
}

void Session::start(Work work, std::span<const int32_t> tokens) {
  context_.assign(tokens);
  restart_if_lost();
  begin(work);
  info_.prompt_tokens = static_cast<uint32_t>(tokens.size());
  info_.reused_tokens = context_.used();
}

// Where the stores have overwritten what the next step would see of the part that the text shares with what
// was evaluated, all of it is evaluated again.
void Session::restart_if_lost() {
  if (!executor_->holds(context_.used())) context_.restart();
}

void Session::begin(Work work) {
  work_ = work;
  cancelled_ = false;
  sampled_ = false;
  piece_ = {};
  rows_ = {};
  embeddings_.clear();
  info_ = {};
}

Result<Event> Session::step(double budget_ms) {
  rows_ = {};
  piece_ = {};
  if (work_ == Work::none) {
    if (info_.finish != Finish::none) return Event::done;
    return fail(ErrorCode::invalid_argument, "there is nothing to step; begin a generation or an evaluation");
  }
  double& time = sampled_ ? info_.decode_ms : info_.prefill_ms;
  const double begin = clock_();
  auto event = run(budget_ms > 0 ? begin + budget_ms : begin);
  if (!event) end(Finish::error);
  time += clock_() - begin;
  return event;
}

Result<Event> Session::run(double deadline) {
  if (generation_ && generation_->finish() != Finish::none) return end(generation_->finish());
  if (cancelled_) return end(Finish::cancelled);
  if (work_ == Work::transfer) return move_bytes();
  if (std::exchange(filtering_, false)) return take_token();
  if (next_row_ != 0) return begin_token();
  if (context_.pending() == 0) return end(Finish::length);
  if (!context_.fits()) {
    if (settings_.overflow != Overflow::shift) return end(Finish::context);
    context_.shift(settings_.keep);
    restart_if_lost();
  }
  while (true) {
    if (chunk_ == 0) CHORD_CHECK(begin_chunk());
    CHORD_ASSIGN(const plan::Progress progress, executor_->advance(deadline));
    if (progress == plan::Progress::waiting) return Event::waiting;
    if (progress == plan::Progress::working) return Event::working;
    CHORD_ASSIGN(const Event event, complete_chunk());
    if (event != Event::working || clock_() >= deadline) return event;
  }
}

Result<Event> Session::move_bytes() {
  CHORD_ASSIGN(const Transfer::State state, transfer_->advance(*executor_));
  if (state == Transfer::State::waiting) return Event::waiting;
  if (state == Transfer::State::piece) {
    if (transfer_->is_load() && transfer_->is_image()) context_.clear();
    return Event::bytes;
  }
  if (transfer_->is_load()) context_.restore(transfer_->tokens());
  return end(Finish::length);
}

// Lets guesses follow the token that was generated last.
void Session::guess() {
  if (!sampled_ || context_.pending() != 1 || !executor_->is_exact()) return;
  const uint32_t room = context_.length() - static_cast<uint32_t>(context_.text().size());
  const uint32_t most = std::min({room, settings_.max_outputs - 1, settings_.batch_length - 1});
  guess_ = generation_->guess(context_.text(), most);
  context_.append(guess_);
  info_.drafted_tokens += static_cast<uint32_t>(guess_.size());
}

// Gives the executor the next tokens. Of a generation only the last token's logits are wanted, and those of
// guesses behind it.
Result<void> Session::begin_chunk() {
  const bool every_row = work_ == Work::evaluation;
  if (work_ == Work::generation) guess();
  const bool many_rows = every_row || (pooler_ && pooler_->wants_every_row());
  const auto tokens = context_.next(many_rows ? std::min(settings_.batch_length, settings_.max_outputs)
                                              : settings_.batch_length);
  const auto count = static_cast<uint32_t>(tokens.size());
  while (output_rows_.size() < count) output_rows_.push_back(static_cast<uint32_t>(output_rows_.size()));

  plan::Step step{.tokens = tokens, .first_position = context_.used(), .output_rows = {}, .sampling = {}};
  std::vector<plan::SamplingInputs> sampling;
  if (work_ == Work::embedding) {
    step.output_rows = pooler_->rows(context_.used(), count);
    step.embeddings_only = true;
    if (pooler_->begins().size() > 1) step.texts = pooler_->begins();
  } else if (every_row) {
    step.output_rows = std::span(output_rows_).first(count);
  } else if (count == context_.pending()) {
    sampling = generation_->sampling_inputs(guess_, count == 1 && executor_->draws());
    step.output_rows = std::span(output_rows_).subspan(count - sampling.size(), sampling.size());
    step.sampling = sampling;
  }
  CHORD_CHECK(executor_->begin(step));
  chunk_ = count;
  return {};
}

// Event::working: there are more chunks.
Result<Event> Session::complete_chunk() {
  const uint32_t count = std::exchange(chunk_, 0);
  if (generation_) {
    CHORD_ASSIGN(const bool again, generation_->needs_row(*executor_));
    if (again) return Event::working;
  }
  context_.complete(count - static_cast<uint32_t>(guess_.size()));
  if (work_ == Work::evaluation) {
    rows_ = {.first = context_.used() - count, .count = count};
    return Event::logits;
  }
  if (work_ == Work::embedding) CHORD_CHECK(pooler_->add(*executor_));
  if (context_.pending() != guess_.size()) return Event::working;
  if (work_ == Work::embedding) return close_texts();
  return begin_token();
}

Event Session::close_texts() {
  if (pooler_->begins().size() > 1) context_.clear();
  pooler_->close();
  if (!pooler_->is_last()) {
    open_texts();
    return Event::working;
  }
  embeddings_ = std::move(*pooler_).take();
  return end(Finish::length);
}

// Of the next row, which the host may want to edit first.
Result<Event> Session::begin_token() {
  if (!generation_->is_filtered()) return take_token();
  CHORD_CHECK(generation_->read_row(*executor_, next_row_));
  filtering_ = true;
  return Event::filter;
}

Result<Event> Session::take_token() {
  row_ = next_row_++;
  if (row_ > 0) context_.complete(1);  // the guess before it came true
  CHORD_ASSIGN(auto piece, generation_->sample(*executor_, row_));
  sampled_ = true;
  info_.generated_tokens = generation_->generated_tokens();
  if (!piece) return end(generation_->finish());
  piece_ = std::move(*piece);
  if (row_ < guess_.size() && guess_[row_] == piece_.token) {
    ++info_.accepted_tokens;
    return Event::token;
  }
  generation_->learn(static_cast<uint32_t>(guess_.size()), row_);
  drop_guess();
  context_.append(piece_.token);
  return Event::token;
}

// What follows a guess that did not come true was computed for nothing.
void Session::drop_guess() {
  context_.drop_pending();
  guess_.clear();
  next_row_ = 0;
}

Event Session::end(Finish finish) {
  if (chunk_ != 0 || (transfer_ && transfer_->is_waiting())) executor_->abandon();
  transfer_.reset();
  chunk_ = 0;
  filtering_ = false;
  drop_guess();
  piece_ = {};
  if (generation_) piece_.text = generation_->end_text();
  generation_.reset();
  pooler_.reset();
  work_ = Work::none;
  info_.finish = finish;
  return Event::done;
}

Result<plan::CandidateList> Session::candidates() {
  if (piece_.token < 0) return fail(ErrorCode::invalid_argument, "candidates come with a token only");
  return generation_->candidates(*executor_, row_);
}

Result<void> Session::read_logits(uint64_t position, std::span<float> logits) {
  if (position < rows_.first || position - rows_.first >= rows_.count) {
    return fail(ErrorCode::invalid_argument, "position ", position, " has no logits to read; there are ",
                rows_.count, " from position ", rows_.first, " on");
  }
  if (logits.size() != settings_.vocab_size) {
    return fail(ErrorCode::invalid_argument, "the logits have ", settings_.vocab_size,
                " values, the buffer has ", logits.size());
  }
  return executor_->read_logits(static_cast<uint32_t>(position - rows_.first), logits);
}

Result<std::span<const float>> Session::embedding(size_t text) const {
  const size_t length = settings_.embedding_length;
  const size_t count = length == 0 ? 0 : embeddings_.size() / length;
  if (text < count) return std::span(embeddings_).subspan(text * length, length);
  return fail(ErrorCode::invalid_argument, "there is no embedding ", text, " of ", count,
              "; begin one, and step until it is done");
}

Result<void> Session::clear() {
  CHORD_CHECK(check_idle());
  context_.clear();
  return {};
}

Info Session::info() const {
  Info info = info_;
  info.context_length = context_.length();
  info.context_used = context_.used();
  info.kv_bytes = executor_->store_bytes();
  info.scratch_bytes = executor_->scratch_bytes();
  return info;
}

}  // namespace chord::session
