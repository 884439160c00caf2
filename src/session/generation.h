// One generation: from the results of steps to tokens and text, and when it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "plan/device.h"
#include "sampling/penalty_window.h"
#include "sampling/sampler.h"
#include "session/options.h"
#include "session/prompt_lookup.h"
#include "text/detokenizer.h"
#include "text/stop_matcher.h"
#include "text/tokenizer.h"

namespace chord::session {

// Why work ended; the numbers are those of chord_finish.
enum class Finish : uint8_t {
  none = 0,       // still running, or nothing was started
  stop = 1,       // an end-of-generation token, a stop token or a stop string
  length = 2,     // max_tokens; of an evaluation: all tokens are evaluated
  context = 3,    // the context is full
  cancelled = 4,  // cancel()
  error = 5,      // a step failed
};

struct Piece {
  std::string text;    // whole code points, may be empty
  int32_t token = -1;  // -1: no token belongs to it, it is the text that was held back
  float logprob = 0;
};

class Generation {
 public:
  // The tokenizer must outlive the generation. invalid_argument: an option outside its range.
  static Result<Generation> create(const text::Tokenizer& tokenizer, const GenerationOptions& options,
                                   uint32_t vocab_size, std::span<const int32_t> prompt);

  // Tokens that may come next, for the step that computes the next one, at most `limit`.
  std::vector<int32_t> guess(std::span<const int32_t> text, uint32_t limit);

  // What a step is told of the output rows that are sampled: the last token's, and those of the tokens
  // guessed to follow it; draws: it may choose as the generation will.
  std::vector<plan::SamplingInputs> sampling_inputs(std::span<const int32_t> guessed, bool draws);

  // Whether a step that was told how to draw has to be done once more, because its whole row decides.
  Result<bool> needs_row(plan::Executor& executor);

  // Whether a step's row is read and edited before it is sampled from.
  bool is_filtered() const { return options_.filter_logits; }
  // Makes row() that of a step that is done.
  Result<void> read_row(plan::Executor& executor, uint32_t row);
  std::span<float> row() { return row_; }

  // Samples from an output row of a step that is done, or from row() if that is filtered. Nothing: the token
  // ended the text (an end-of-generation or stop token), it has no piece and does not count.
  Result<std::optional<Piece>> sample(plan::Executor& executor, uint32_t row);

  // The likeliest tokens that the last one was chosen among, of that row.
  Result<plan::CandidateList> candidates(plan::Executor& executor, uint32_t row);
  // So many of the last step's guesses came true.
  void learn(uint32_t guessed, uint32_t right);

  // Finish::none while more tokens are wanted.
  Finish finish() const { return finish_; }
  uint32_t generated_tokens() const { return generated_tokens_; }

  // The end of the text: what was held back.
  std::string end_text();

 private:
  Generation(const text::Tokenizer& tokenizer, const GenerationOptions& options, uint32_t vocab_size,
             sampling::Sampler sampler, std::span<const int32_t> prompt);

  plan::Draw draw() const;
  Result<sampling::Choice> choose(plan::Executor& executor, uint32_t row);
  plan::SamplingInputs inputs_after(const sampling::PenaltyWindow& window) const;
  bool ends_text(int32_t token) const;

  const text::Tokenizer* tokenizer_;
  GenerationOptions options_;
  uint32_t vocab_size_;
  sampling::Sampler sampler_;
  sampling::PenaltyWindow window_;
  PromptLookup lookup_;
  text::Detokenizer detokenizer_;
  text::StopMatcher stop_matcher_;
  uint64_t position_;  // of the next token in prompt and generated text, whatever the context has forgotten
  uint32_t generated_tokens_ = 0;
  Finish finish_ = Finish::none;
  bool drew_ = false;                       // the step under way was told how to draw
  uint32_t row_steps_ = 0;                  // that are not, since their rows may be needed
  std::optional<sampling::Choice> choice_;  // that a drawing step led to
  std::vector<float> row_;                  // [vocab_size] once a row was needed
};

}  // namespace chord::session
