// What a session and a generation can be told. The defaults and meanings are those of include/chord.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/config.h"
#include "plan/device.h"
#include "sampling/options.h"

namespace chord::session {

// What happens at the end of the context.
enum class Overflow : uint8_t {
  stop,    // generation stops with Finish::context
  refuse,  // so it does, and a prompt that leaves no room for max_tokens is context_overflow
  shift,   // the oldest half after the first `keep` tokens is forgotten
};

struct Settings {
  uint32_t context_length;  // as the executor was opened with
  uint32_t batch_length;    // its max_tokens
  uint32_t max_outputs;     // its max_outputs
  uint32_t vocab_size;      // columns of the logits; may be more than the tokenizer has tokens
  plan::KvType kv_type = plan::KvType::f16;  // the executor's
  uint64_t model = 0;                        // fingerprint, which saved sessions are checked against
  Overflow overflow = Overflow::stop;
  uint32_t keep = 0;  // tokens that a shift keeps at the start
  uint32_t embedding_length = 0;
  model::Pooling pooling = model::Pooling::none;  // that the file names
  // The model sees a text as a whole: it embeds texts of at most batch_length, and cannot generate.
  bool is_encoder = false;
};

// The rows of a step that can be sampled from are as many, and one more.
inline constexpr uint32_t kMaxDraft = 15;

struct GenerationOptions {
  sampling::Options sampling = {};
  uint32_t max_tokens = 100;            // 0: until the end of the context; with Overflow::shift, for ever
  bool ignore_eos = false;              // end-of-generation tokens are tokens like others
  bool special_text = false;            // special tokens appear in the text
  std::vector<std::string> stops = {};  // the text ends before the first that appears
  std::vector<int32_t> stop_tokens = {};
  uint32_t candidates = 0;     // that Session::candidates() has at least, at most plan::kMaxCandidates
  uint32_t draft_tokens = 0;   // guessed by prompt lookup for each step, at most kMaxDraft
  bool filter_logits = false;  // Event::filter comes before every token
};

// invalid_argument: a length of 0, or a `keep` that leaves a shift nothing to forget.
Result<void> validate(const Settings& settings);

}  // namespace chord::session
