// Chooses the next token.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "plan/device.h"
#include "sampling/options.h"

namespace chord::sampling {

struct Choice {
  int32_t token;
  float logprob;  // natural logarithm of its probability before temperature and truncation
};

// Greedy at temperature 0: the largest logit, of equal ones the smaller id. Otherwise the draw is Gumbel-max
// (E. J. Gumbel, 1954): the token with the largest logit / temperature + G, where G is Gumbel noise that
// depends on (seed, position, token) alone (noise.h). That is a draw from the softmax, it needs no generator
// whose state must be carried along, and the same logits, seed and position give the same token everywhere.
//
// All of top-k, top-p and min-p keep the first so many tokens in descending order of logits, so a few of the
// largest logits usually decide. pick() uses them, and gives nothing when they do not; both ways choose the
// same token.
class Sampler {
 public:
  // The errors are those of validate().
  static Result<Sampler> create(const Options& options, uint32_t vocab_size);

  // How many of the largest logits pick() wants, at most plan::kMaxCandidates; 0: no number of them would do.
  uint32_t needed_candidates() const { return needed_candidates_; }
  // Whether pick() may give nothing.
  bool may_need_row() const { return temperature_ != 0 && (top_k_ == 0 || top_k_ > needed_candidates_); }

  // What a device has to know to choose as pick() does. Without a window of penalties and ends.
  plan::Draw draw_at(uint64_t position) const;

  // position: of the token to be chosen, counted from the start of the text. The list holds
  // needed_candidates() candidates, or drawn ones. Nothing: the whole row is needed. Logits that are NaN are
  // invalid_model; that all tokens are forbidden is invalid_argument. A logit of +∞ wins, with a logprob of
  // 0.
  Result<std::optional<Choice>> pick(const plan::CandidateList& candidates, uint64_t position) const;

  // logits [vocab_size], after penalties and biases.
  Result<Choice> pick_from_row(std::span<const float> logits, uint64_t position);

 private:
  Sampler(const Options& options, uint32_t vocab_size);

  Result<std::optional<Choice>> pick_drawn(const plan::CandidateList& candidates, uint64_t position) const;
  bool truncates() const { return top_k_ != 0 || top_p_ < 1 || min_p_ > 0; }
  uint64_t top_p_count(std::span<const plan::Candidate> sorted, double total) const;
  uint64_t min_p_count(std::span<const plan::Candidate> sorted) const;
  std::span<const plan::Candidate> truncate_row(double total, double largest);
  double score(const plan::Candidate& candidate, double largest, uint64_t position) const;
  int32_t draw(std::span<const plan::Candidate> candidates, double largest, uint64_t position) const;

  uint64_t seed_;
  double temperature_;
  uint32_t top_k_;  // 0 if it is the vocabulary's size or above
  double top_p_;
  double min_p_;
  uint32_t vocab_size_;
  uint32_t needed_candidates_;
  std::vector<plan::Candidate> row_;  // reused by pick_from_row
};

// The largest logits of a row, at most `count` and at least one, but none that is −∞; of a row that holds +∞,
// that token alone. The row has no NaN, and not only −∞.
plan::CandidateList likeliest(std::span<const float> logits, uint32_t count);

}  // namespace chord::sampling
