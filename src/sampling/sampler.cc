#include "sampling/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/math.h"
#include "sampling/noise.h"

namespace chord::sampling {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A cut that lies beyond the candidates at hand.
constexpr uint64_t kBeyond = UINT64_MAX;

// Devices sum exponentials in an order and a precision of their own. A cut that would move if their total
// were off by this part of it is left to the whole row, whose total is summed here.
constexpr double kTotalTolerance = 1e-5;

// Scores that devices compute are off by less than this, and this part of their logit / temperature.
constexpr double kScoreTolerance = 1e-4;

// Σ exp(logit − largest), in the order given
double sum_exp(std::span<const plan::Candidate> candidates, double largest) {
  double sum = 0;
  for (const plan::Candidate& candidate : candidates) sum += math::exp(candidate.logit - largest);
  return sum;
}

bool is_larger(const plan::Candidate& a, const plan::Candidate& b) {
  return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
}

std::unexpected<Error> not_a_number() {
  return fail(ErrorCode::invalid_model,
              "there are logits that are not numbers (NaN): the weights may be damaged, or what filters the "
              "logits writes such");
}

std::unexpected<Error> all_forbidden() {
  return fail(
      ErrorCode::invalid_argument,
      "every token has a logit of -infinity; let the logit biases, or what filters the logits, leave at "
      "least one token");
}

struct Largest {
  int32_t token;
  double logit;
};

Result<Largest> find_largest(std::span<const float> logits) {
  Largest largest{.token = -1, .logit = -kInfinity};
  for (size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] != logits[i]) return not_a_number();
    if (logits[i] > largest.logit) largest = {.token = static_cast<int32_t>(i), .logit = logits[i]};
  }
  if (largest.token < 0) return all_forbidden();
  return largest;
}

}  // namespace

Result<Sampler> Sampler::create(const Options& options, uint32_t vocab_size) {
  CHORD_CHECK(validate(options, vocab_size));
  return Sampler(options, vocab_size);
}

Sampler::Sampler(const Options& options, uint32_t vocab_size)
    : seed_(options.seed),
      temperature_(options.temperature),
      top_k_(options.top_k < vocab_size ? options.top_k : 0),
      top_p_(options.top_p),
      min_p_(options.min_p),
      vocab_size_(vocab_size) {
  const uint32_t most = std::min(plan::kMaxCandidates, vocab_size);
  if (temperature_ == 0) {
    needed_candidates_ = 1;
  } else if (top_k_ != 0) {
    needed_candidates_ = std::min(top_k_, most);
  } else if (truncates() || vocab_size == most) {
    needed_candidates_ = most;
  } else {
    needed_candidates_ = 0;
  }
}

plan::Draw Sampler::draw_at(uint64_t position) const {
  return {.seed = seed_,
          .position = position,
          .temperature = static_cast<float>(temperature_),
          .top_k = top_k_,
          .top_p = static_cast<float>(top_p_),
          .min_p = static_cast<float>(min_p_),
          .window = {},
          .ends = {}};
}

Result<std::optional<Choice>> Sampler::pick(const plan::CandidateList& candidates, uint64_t position) const {
  if (candidates.drawn) return pick_drawn(candidates, position);
  const std::span<const plan::Candidate> sorted = candidates.largest;
  if (sorted.empty()) return std::nullopt;
  const double largest = sorted[0].logit;
  if (largest == kInfinity) return Choice{.token = sorted[0].token, .logprob = 0};
  if (largest == -kInfinity) return all_forbidden();
  const auto is_nan = [](const plan::Candidate& candidate) { return candidate.logit != candidate.logit; };
  if (candidates.log_sum_exp != candidates.log_sum_exp || std::ranges::any_of(sorted, is_nan)) {
    return not_a_number();
  }

  uint64_t kept = 1;
  if (temperature_ != 0) {
    // The total that top-p refers to, as bounds.
    double total_low = 0;
    double total_high = 0;
    uint64_t available = kBeyond;  // how many tokens there are before top-p and min-p, if that many are here
    if (top_k_ != 0 && top_k_ <= sorted.size()) {
      available = top_k_;
      total_low = total_high = sum_exp(sorted.first(top_k_), largest);
    } else {
      if (sorted.size() >= vocab_size_) available = sorted.size();
      const double total = math::exp(candidates.log_sum_exp - largest);
      total_low = top_k_ == 0 ? total * (1 - kTotalTolerance) : sum_exp(sorted, largest);
      total_high = total * (1 + kTotalTolerance);
    }
    const uint64_t limit = std::min(available, min_p_count(sorted));
    kept = std::min(limit, top_p_count(sorted, total_low));
    if (kept == kBeyond || kept != std::min(limit, top_p_count(sorted, total_high))) return std::nullopt;
  }
  const int32_t token =
      kept == 1 ? sorted[0].token : draw(sorted.first(static_cast<size_t>(kept)), largest, position);
  const auto chosen = std::ranges::find(sorted, token, &plan::Candidate::token);
  return Choice{.token = token, .logprob = static_cast<float>(chosen->logit - candidates.log_sum_exp)};
}

// The best of them is the best of all if it is clear of the last, which no other token passes.
Result<std::optional<Choice>> Sampler::pick_drawn(const plan::CandidateList& candidates,
                                                  uint64_t position) const {
  const std::span<const plan::Candidate> list = candidates.largest;
  if (list.empty() || candidates.log_sum_exp != candidates.log_sum_exp) return std::nullopt;
  const double largest = std::ranges::max(list, {}, &plan::Candidate::logit).logit;
  const int32_t token = draw(list, largest, position);
  const auto chosen = std::ranges::find(list, token, &plan::Candidate::token);
  if (chosen == list.end() || std::abs(largest) == kInfinity) return std::nullopt;
  const double lead = score(*chosen, largest, position) - score(list.back(), largest, position);
  const double tolerance = kScoreTolerance * (1 + std::abs(largest) / temperature_);
  if (list.size() < vocab_size_ && !(lead > tolerance)) return std::nullopt;
  return Choice{.token = token, .logprob = static_cast<float>(chosen->logit - candidates.log_sum_exp)};
}

Result<Choice> Sampler::pick_from_row(std::span<const float> logits, uint64_t position) {
  CHORD_ASSIGN(const Largest largest, find_largest(logits));
  if (largest.logit == kInfinity) return Choice{.token = largest.token, .logprob = 0};
  double total = 0;
  for (const float logit : logits) total += math::exp(logit - largest.logit);

  int32_t token = largest.token;
  if (temperature_ != 0) {
    row_.resize(logits.size());
    for (size_t i = 0; i < logits.size(); ++i) row_[i] = {static_cast<int32_t>(i), logits[i]};
    token = draw(truncates() ? truncate_row(total, largest.logit) : row_, largest.logit, position);
  }
  const double logprob = logits[static_cast<size_t>(token)] - largest.logit - math::log(total);
  return Choice{.token = token, .logprob = static_cast<float>(logprob)};
}

// Sorts as much of row_ as the cut needs; returns what is left, in descending order.
std::span<const plan::Candidate> Sampler::truncate_row(double total, double largest) {
  const auto sort_from = [this](uint64_t begin, uint64_t end) {
    const auto first = row_.begin();
    std::partial_sort(first + static_cast<ptrdiff_t>(begin), first + static_cast<ptrdiff_t>(end), row_.end(),
                      is_larger);
  };
  if (top_k_ != 0) {
    sort_from(0, top_k_);
    row_.resize(top_k_);
    total = sum_exp(row_, largest);
    const uint64_t kept = std::min(top_p_count(row_, total), min_p_count(row_));
    return std::span(row_).first(static_cast<size_t>(std::min<uint64_t>(kept, row_.size())));
  }
  // The cut is usually near the front: sorting everything would take longer than the rest of the draw.
  uint64_t sorted = 0;
  uint64_t kept = kBeyond;
  while (kept == kBeyond && sorted < row_.size()) {
    const uint64_t end =
        std::min<uint64_t>(row_.size(), std::max<uint64_t>(plan::kMaxCandidates, sorted * 4));
    sort_from(sorted, end);
    sorted = end;
    const auto front = std::span(row_).first(static_cast<size_t>(sorted));
    kept = std::min(top_p_count(front, total), min_p_count(front));
  }
  return std::span(row_).first(static_cast<size_t>(std::min<uint64_t>(kept, row_.size())));
}

// The fewest of `sorted` whose exponentials sum to top_p · total, at least 1.
uint64_t Sampler::top_p_count(std::span<const plan::Candidate> sorted, double total) const {
  if (top_p_ >= 1) return kBeyond;
  double sum = 0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    sum += math::exp(static_cast<double>(sorted[i].logit) - sorted[0].logit);
    if (sum >= top_p_ * total) return i + 1;
  }
  return kBeyond;
}

// How many of `sorted` are at least min_p times as probable as the first.
uint64_t Sampler::min_p_count(std::span<const plan::Candidate> sorted) const {
  if (min_p_ <= 0) return kBeyond;
  const double threshold = sorted[0].logit + math::log(min_p_);
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i].logit < threshold) return i;
  }
  return kBeyond;
}

double Sampler::score(const plan::Candidate& candidate, double largest, uint64_t position) const {
  return (candidate.logit - largest) / temperature_ + gumbel(noise_bits(seed_, position, candidate.token));
}

int32_t Sampler::draw(std::span<const plan::Candidate> candidates, double largest, uint64_t position) const {
  int32_t token = -1;
  double best = -kInfinity;
  for (const plan::Candidate& candidate : candidates) {
    // Relative to the largest, so that a low temperature does not drown the noise between equal logits.
    const double scaled = (candidate.logit - largest) / temperature_;
    const uint64_t bits = noise_bits(seed_, position, candidate.token);
    if (scaled + gumbel_bound(bits) < best) continue;
    const double score = scaled + gumbel(bits);
    // Of equal scores the smaller id, because candidates come in either of two orders.
    if (score > best || (score == best && candidate.token < token)) {
      token = candidate.token;
      best = score;
    }
  }
  return token;
}

plan::CandidateList likeliest(std::span<const float> logits, uint32_t count) {
  std::vector<plan::Candidate> all(logits.size());
  for (size_t i = 0; i < logits.size(); ++i) all[i] = {static_cast<int32_t>(i), logits[i]};
  const auto end = all.begin() + static_cast<ptrdiff_t>(std::min<size_t>(std::max(count, 1U), all.size()));
  std::partial_sort(all.begin(), end, all.end(), is_larger);
  const double largest = all[0].logit;
  if (largest == kInfinity) return {.largest = {{.token = all[0].token, .logit = 0}}, .log_sum_exp = 0};

  const double log_sum_exp = largest + math::log(sum_exp(all, largest));
  all.erase(end, all.end());
  while (all.back().logit == -kInfinity) all.pop_back();
  return {.largest = std::move(all), .log_sum_exp = log_sum_exp};
}

}  // namespace chord::sampling
