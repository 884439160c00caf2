// How the next token is chosen from the logits.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "plan/device.h"

namespace chord::sampling {

// The logits pass through these in the order: repetition, frequency and presence penalties, biases (those are
// ops of the plan), top-k, top-p, min-p, temperature, draw. The defaults are greedy.
struct Options {
  uint64_t seed = 0;
  float temperature = 0;         // logits are divided by it; 0: the most probable token
  uint32_t top_k = 0;            // the k most probable tokens; 0: all
  float top_p = 1;               // the fewest tokens whose probabilities, among what top-k left, sum to top_p
  float min_p = 0;               // tokens at least min_p times as probable as the most probable one
  float repetition_penalty = 1;  // of tokens in the window: positive logits are divided, others multiplied
  float frequency_penalty = 0;   // subtracted once per occurrence in the window
  float presence_penalty = 0;    // subtracted once from tokens in the window
  uint32_t penalty_window = 64;  // how many of the last tokens, of the prompt too, the penalties look at
  std::vector<plan::TokenBias> biases = {};  // added to logits; −∞ forbids a token

  bool has_penalties() const {
    return repetition_penalty != 1 || frequency_penalty != 0 || presence_penalty != 0;
  }
};

// invalid_argument, naming the option, if one is outside its range: temperature and penalties are finite,
// temperature ≥ 0, repetition_penalty > 0, top_p and min_p in [0, 1], biased tokens are in the vocabulary and
// biased once, biases are finite or −∞.
Result<void> validate(const Options& options, uint32_t vocab_size);

}  // namespace chord::sampling
