// For tests: an executor whose model is a hash of all tokens up to a position, and whose ops take one
// millisecond each of a clock of its own.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "plan/device.h"

namespace chord::session {

inline double fake_time = 0;
inline double fake_clock() {
  return fake_time;
}

// What FakeExecutor was told and is to do. It outlives the executor, which a session owns.
struct FakeModel {
  uint32_t vocab_size = 0;
  uint32_t max_tokens = 0;
  uint32_t max_outputs = 0;
  uint32_t ops_per_step = 1;
  std::map<uint32_t, int32_t> script;    // after the token at this position, this one is all but certain
  std::map<uint32_t, float> even_after;  // after the token at this position, all logits are this

  std::optional<size_t> fail_begin_at;    // of the step with this number
  std::optional<size_t> fail_advance_at;  // of the step with this number, in the middle
  bool draws = false;                     // and never finds enough candidates
  bool image_waits = false;               // reading the image waits once before it is done
  std::optional<size_t> wait_at;          // the step with this number waits once before it is done
  bool is_exact = true;
  uint32_t reach = UINT32_MAX;  // how far behind the last position stored a step can begin, but at 0
  bool takes_texts = false;

  struct SeenStep {
    std::vector<int32_t> tokens;
    uint32_t first_position;
    std::vector<uint32_t> output_rows;
    std::vector<plan::SamplingInputs> sampling;
    bool embeddings_only;
    std::vector<uint32_t> texts;
  };
  std::vector<SeenStep> steps;
  int abandoned = 0;
  int rows_read = 0;

  // The logits after `tokens`, before penalties.
  std::vector<float> logits(std::span<const int32_t> tokens) const {
    uint64_t hash = 0x9E3779B97F4A7C15;
    for (const int32_t token : tokens) hash = (hash ^ static_cast<uint64_t>(token)) * 0xD1342543DE82EF95 + 1;
    std::vector<float> out(vocab_size);
    for (float& logit : out) {
      hash = hash * 6364136223846793005 + 1442695040888963407;
      logit = static_cast<float>(hash >> 40) / (1 << 22) - 2;  // −2 to 2
    }
    const auto position = static_cast<uint32_t>(tokens.size() - 1);
    if (const auto even = even_after.find(position); even != even_after.end()) {
      std::ranges::fill(out, even->second);
    }
    if (const auto line = script.find(position); line != script.end()) {
      out[static_cast<size_t>(line->second)] += 50;
    }
    return out;
  }
};

class FakeExecutor : public plan::Executor {
 public:
  explicit FakeExecutor(FakeModel& model) : model_(&model) {}

  Result<void> begin(const plan::Step& step) override {
    EXPECT_FALSE(running_) << "begin() before the last step was done";
    const size_t number = model_->steps.size();
    model_->steps.push_back({{step.tokens.begin(), step.tokens.end()},
                             step.first_position,
                             {step.output_rows.begin(), step.output_rows.end()},
                             {step.sampling.begin(), step.sampling.end()},
                             step.embeddings_only,
                             {step.texts.begin(), step.texts.end()}});
    EXPECT_GE(step.tokens.size(), 1u);
    EXPECT_LE(step.tokens.size(), model_->max_tokens);
    EXPECT_LE(step.output_rows.size(), model_->max_outputs);
    EXPECT_TRUE(step.texts.empty() || (model_->takes_texts && step.first_position == 0));
    EXPECT_TRUE(step.sampling.empty() || step.sampling.size() == step.output_rows.size());
    if (model_->fail_begin_at == number) return fail(ErrorCode::out_of_memory, "begin was told to fail");
    // What lies behind is overwritten while the step runs: a session must not count on it.
    EXPECT_LE(step.first_position, cells_.size()) << "a step skips positions that were never evaluated";
    EXPECT_TRUE(holds(step.first_position)) << "a step would see what was overwritten";
    cells_.resize(step.first_position);
    end_ = step.first_position == 0 ? 0 : end_;
    end_ = std::max(end_, step.first_position + static_cast<uint32_t>(step.tokens.size()));
    running_ = true;
    ops_left_ = model_->ops_per_step;
    waited_ = false;
    return {};
  }

  Result<plan::Progress> advance(double deadline) override {
    EXPECT_TRUE(running_) << "advance() without a step";
    const size_t number = model_->steps.size() - 1;
    while (ops_left_ > 0) {
      fake_time += 1;
      --ops_left_;
      if (model_->fail_advance_at == number) return fail(ErrorCode::worker_lost, "advance was told to fail");
      if (ops_left_ > 0 && fake_time >= deadline) return plan::Progress::working;
    }
    if (model_->wait_at == number && !std::exchange(waited_, true)) return plan::Progress::waiting;
    running_ = false;
    const FakeModel::SeenStep& step = model_->steps.back();
    cells_.insert(cells_.end(), step.tokens.begin(), step.tokens.end());
    return plan::Progress::done;
  }

  void abandon() override {
    EXPECT_TRUE(running_ || reading_) << "abandon() without a step";
    running_ = reading_ = false;
    ++model_->abandoned;
  }

  Result<plan::CandidateList> candidates(uint32_t row) override {
    const std::vector<float> logits = row_logits(row);
    plan::CandidateList list{};
    double sum = 0;
    for (size_t i = 0; i < logits.size(); ++i) {
      list.largest.push_back({static_cast<int32_t>(i), logits[i]});
      sum += std::exp(logits[i]);
    }
    list.log_sum_exp = std::log(sum);
    std::ranges::sort(list.largest, std::less<>(), [](const plan::Candidate& candidate) {
      return std::pair(-candidate.logit, candidate.token);
    });
    const plan::SamplingInputs& inputs = model_->steps.back().sampling.at(row);
    list.drawn = inputs.draw.has_value();
    list.largest.resize(list.drawn ? 1 : inputs.candidate_count);
    return list;
  }

  Result<void> read_logits(uint32_t row, std::span<float> logits) override {
    ++model_->rows_read;
    std::ranges::copy(row_logits(row), logits.begin());
    return {};
  }

  // Of a token: its position in its text, and its id.
  Result<void> read_embedding(uint32_t row, std::span<float> embedding) override {
    EXPECT_FALSE(running_) << "results are read before the step is done";
    const FakeModel::SeenStep& step = model_->steps.back();
    const uint32_t position = step.first_position + step.output_rows.at(row);
    const auto text = std::ranges::upper_bound(step.texts, position);
    embedding[0] = static_cast<float>(text == step.texts.begin() ? position : position - text[-1]);
    embedding[1] = static_cast<float>(cells_.at(position));
    return {};
  }

  bool draws() const override { return model_->draws; }
  // The image is the tokens.
  Result<plan::Progress> copy_image(const plan::ImageCopy& copy) override {
    if (copy.to_stores) {
      cells_.resize(copy.positions);
    } else {
      EXPECT_LE(copy.positions, cells_.size());
      reading_ = std::exchange(model_->image_waits, false);
      if (reading_) return plan::Progress::waiting;
    }
    const auto image = std::as_writable_bytes(std::span(cells_).first(copy.positions))
                           .subspan(static_cast<size_t>(copy.offset), copy.bytes.size());
    std::ranges::copy(copy.to_stores ? copy.bytes : image, (copy.to_stores ? image : copy.bytes).begin());
    return plan::Progress::done;
  }

  uint64_t image_bytes(uint32_t positions) const override { return uint64_t{positions} * sizeof(int32_t); }

  bool holds(uint32_t position) const override {
    return position == 0 || uint64_t{position} + model_->reach >= end_;
  }
  bool takes_texts() const override { return model_->takes_texts; }
  bool is_exact() const override { return model_->is_exact; }
  uint64_t store_bytes() const override { return 1000; }
  uint64_t scratch_bytes() const override { return 2000; }

 private:
  std::vector<float> row_logits(uint32_t row) const {
    EXPECT_FALSE(running_) << "results are read before the step is done";
    const FakeModel::SeenStep& step = model_->steps.back();
    std::vector<float> logits =
        model_->logits(std::span(cells_).first(step.first_position + step.output_rows.at(row) + 1));
    if (step.sampling.empty()) return logits;
    const plan::SamplingInputs& inputs = step.sampling[row];
    for (const auto [token, count] : inputs.penalized) {
      float& logit = logits[static_cast<size_t>(token)];
      logit = logit > 0 ? logit / inputs.repetition_penalty : logit * inputs.repetition_penalty;
      logit -= static_cast<float>(count) * inputs.frequency_penalty + inputs.presence_penalty;
    }
    for (const auto [token, bias] : inputs.biases) logits[static_cast<size_t>(token)] += bias;
    return logits;
  }

  FakeModel* model_;
  std::vector<int32_t> cells_;  // the token evaluated at each position
  uint32_t end_ = 0;            // of the positions that were stored since a step began at 0
  bool running_ = false;
  bool waited_ = false;
  bool reading_ = false;  // the image
  uint32_t ops_left_ = 0;
};

}  // namespace chord::session
