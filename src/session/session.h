// A conversation with a model on one executor: what is cached, and the work that runs step by step.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "plan/device.h"
#include "session/context.h"
#include "session/generation.h"
#include "session/options.h"
#include "session/pooler.h"
#include "session/transfer.h"
#include "text/tokenizer.h"

namespace chord::session {

// What a step ended with; the numbers are those of chord_event.
enum class Event : uint8_t {
  working = 0,  // the budget is used up: step again
  token = 1,    // a token was generated: piece()
  waiting = 2,  // something outside must happen first: let the event loop run, then step again
  logits = 3,   // rows of an evaluation are ready: rows(), read_logits()
  done = 4,     // finished: piece() has the text that was still held back
  filter = 5,   // filter() has the logits that the next token will be sampled from, to be edited
  bytes = 6,    // bytes of a saved session are ready, or wanted: bytes()
};

// Positions whose logits can be read.
struct Rows {
  uint64_t first;
  uint64_t count;
};

// Part of a saved session.
struct Bytes {
  uint64_t offset;
  std::span<std::byte> bytes;
};

struct Info {
  uint32_t context_length;
  uint32_t context_used;      // tokens in the cache
  uint32_t prompt_tokens;     // of the last work
  uint32_t reused_tokens;     // of the prompt, found in the cache
  uint32_t generated_tokens;  // the token that ended the text (end of generation, stop token) is not counted
  uint32_t drafted_tokens;    // by prompt lookup
  uint32_t accepted_tokens;   // of them, those that were generated
  Finish finish;
  double prefill_ms;  // time inside step() until the first token was sampled
  double decode_ms;   // time inside step() after it
  uint64_t kv_bytes;
  uint64_t scratch_bytes;
};

//   session.generate(prompt, options);
//   do event = session.step(10); while (event != Event::done);
//
// A token is returned as soon as it is sampled; the forward pass for the next one begins with the next
// step(). So nothing is computed for a text that ends, and the last token of a text is not in the cache.
class Session {
 public:
  // The tokenizer must outlive the session. nullptr, for a file without a usable one: the session can
  // evaluate but not generate. The errors are those of validate().
  static Result<Session> create(std::unique_ptr<plan::Executor> executor, const text::Tokenizer* tokenizer,
                                const Settings& settings, plan::Clock clock);

  // Begins a generation; the tokens are the whole prompt. If it fails, nothing has changed.
  // context_overflow: the prompt is longer than the context, with Overflow::shift too, where cutting the
  // prompt would drop what the caller meant to be read; or Overflow::refuse, and max_tokens do not fit behind
  // it. invalid_argument: no tokens, ids out of range, options out of range. invalid_model: there is no
  // tokenizer. busy: work is running.
  Result<void> generate(std::span<const int32_t> tokens, const GenerationOptions& options);

  // Begins an evaluation at the start of an emptied context; the logits of every position become readable,
  // chunk by chunk. Errors as above. It ends with Finish::length.
  Result<void> evaluate(std::span<const int32_t> tokens);

  // Begins the embedding of texts, whose tokens (BOS and EOS, too, where the model wants them) lie one behind
  // the other; lengths: of each, at least one. invalid_argument: neither the options nor the file name a
  // pooling. Others as above. It ends with Finish::length.
  Result<void> embed(std::span<const int32_t> tokens, std::span<const uint32_t> lengths,
                     const EmbeddingOptions& options);

  // Works for about budget_ms, or until there is an event. After an error the work has ended with
  // Finish::error, the cache holds what was complete before, and piece() what was held back. Once work has
  // ended, and whatever it ended with, the answer is Event::done; invalid_argument if there never was any.
  Result<Event> step(double budget_ms);

  const Piece& piece() const { return piece_; }

  // After Event::token: the likeliest tokens at its place, at least as many as the generation's `candidates`.
  // invalid_argument at other times.
  Result<plan::CandidateList> candidates();

  // Between Event::filter and the next step, which samples from it: the row of logits [vocab_size] after
  // penalties and biases, to be edited in place; −∞ forbids a token. Empty at other times.
  std::span<float> filter() { return filtering_ ? generation_->row() : std::span<float>(); }

  // Nothing, except between Event::logits and the next step.
  Rows rows() const { return rows_; }
  // logits [vocab_size]. invalid_argument: the position is not among rows().
  Result<void> read_logits(uint64_t position, std::span<float> logits);

  // Of one of the texts, [embedding_length], once the work has ended with Finish::length and until other work
  // begins; invalid_argument at other times.
  Result<std::span<const float>> embedding(size_t text) const;

  // Ends the running work at the next step. Work that has come to its end anyway ends as it would have.
  void cancel() { cancelled_ = true; }

  // Begins to save the context, and gives the bytes that this takes. busy: work is running.
  Result<uint64_t> save();
  // Begins to put a saved one in the place of the context. busy; the errors of Transfer, here or of a step.
  // Once the stores were written, an error leaves an empty context. Both end with Finish::length.
  Result<void> load(uint64_t size);
  // After Event::bytes, until the next step: part of the saved session, to be read, or filled by a load.
  Bytes bytes() { return transfer_ ? Bytes{transfer_->offset(), transfer_->piece()} : Bytes{}; }

  // Forgets the cached context. busy: work is running.
  Result<void> clear();

  Info info() const;

 private:
  enum class Work : uint8_t { none, generation, evaluation, embedding, transfer };

  Session(std::unique_ptr<plan::Executor> executor, const text::Tokenizer* tokenizer,
          const Settings& settings, plan::Clock clock);

  Result<void> check_idle() const;
  Result<void> check_start(std::span<const int32_t> tokens) const;
  Result<void> check_decoder() const;
  void begin(Work work);
  void restart_if_lost();
  void start(Work work, std::span<const int32_t> tokens);
  void open_texts();
  Result<Event> run(double deadline);
  Result<Event> move_bytes();
  void guess();
  Result<void> begin_chunk();
  Result<Event> complete_chunk();
  Event close_texts();
  Result<Event> begin_token();
  Result<Event> take_token();
  void drop_guess();
  Event end(Finish finish);

  std::unique_ptr<plan::Executor> executor_;
  const text::Tokenizer* tokenizer_;
  Settings settings_;
  plan::Clock clock_;
  Context context_;

  Work work_ = Work::none;
  std::optional<Generation> generation_;
  std::optional<Pooler> pooler_;
  std::unique_ptr<Transfer> transfer_;
  uint32_t chunk_ = 0;  // tokens that the executor is working on
  bool cancelled_ = false;
  std::vector<int32_t> guess_;  // evaluated, or to be, behind the token that was generated last
  uint32_t row_ = 0;            // output row that was sampled last
  uint32_t next_row_ = 0;       // that can be sampled at once, because a guess came true; 0: none
  bool filtering_ = false;      // the generation's row is the host's to edit
  bool sampled_ = false;        // a token, in this generation
  Piece piece_;
  Rows rows_{};
  Info info_{};
  std::vector<float> embeddings_;      // one behind the other; empty while there are none
  std::vector<uint32_t> output_rows_;  // 0, 1, …
};

}  // namespace chord::session
