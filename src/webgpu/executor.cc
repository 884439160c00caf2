#include "webgpu/executor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "plan/step_check.h"
#include "webgpu/program.h"
#include "webgpu/step_data.h"

namespace chord::webgpu {
namespace {

class GpuExecutor final : public plan::Executor {
 public:
  GpuExecutor(const plan::Plan& plan, const Weights& weights, const plan::ExecutorOptions& options)
      : plan_(plan), weights_(weights), options_(options) {
    host_gpu_limits(&limits_);
  }
  ~GpuExecutor() override { abandon(); }

  Result<void> prepare() {
    program_ = std::make_unique<Program>(options_);
    return record(plan_, weights_, limits_, options_, *program_);
  }

  Result<void> begin(const plan::Step& step) override {
    if (state_ == State::begun || state_ == State::submitted || state_ == State::found) {
      return fail(ErrorCode::busy, "the step before has not ended");
    }
    CHORD_CHECK(plan::check_step(plan_, options_, step));
    output_count_ = static_cast<uint32_t>(step.output_rows.size());
    if (take_found(step)) return {};
    choose_repeats(step);
    pack(step, program_->layout, data_);
    program_->reserve_pairs(data_.pairs.size() * sizeof(uint32_t));
    program_->step.write(0, std::span<const uint32_t>(data_.words));
    program_->pairs.write(0, std::span<const uint32_t>(data_.pairs));
    fill_table(step);
    fill_reads(step);
    state_ = State::begun;
    return {};
  }

  Result<plan::Progress> advance(double /*deadline*/) override {
    switch (state_) {
      case State::begun:
        host_gpu_submit(table_.data(), table_.size(), repeats_, reads_.data(), reads_.size(),
                        results_.data());
        state_ = State::submitted;
        return plan::Progress::waiting;
      case State::submitted:
        if (const int32_t polled = host_gpu_poll(); polled != 0) {
          pace(polled - 1);
        } else {
          return plan::Progress::waiting;
        }
        keep_found();
        state_ = State::done;
        return plan::Progress::done;
      case State::found:
        state_ = State::done;
        return plan::Progress::done;
      case State::idle:
      case State::done:
        break;
    }
    return fail(ErrorCode::invalid_argument, "no step was begun");
  }

  void abandon() override {
    if (state_ == State::submitted) host_gpu_drop();
    found_.clear();
    state_ = State::idle;
  }

  Result<plan::CandidateList> candidates(uint32_t row) override {
    CHORD_CHECK(check_row(row));
    if (mailbox_at_.empty()) {
      return fail(ErrorCode::invalid_argument, "the step had no sampling inputs, so it has no candidates");
    }
    const std::byte* from = results_.data() + mailbox_at_[row];
    Mailbox mailbox;
    std::memcpy(&mailbox, from, offsetof(Mailbox, list));
    std::memcpy(mailbox.list, from + offsetof(Mailbox, list), mailbox.count * sizeof(Mailbox::Entry));
    plan::CandidateList list = {.largest = {},
                                .log_sum_exp = double{mailbox.maximum} + std::log(double{mailbox.sum})};
    list.largest.reserve(mailbox.count);
    for (uint32_t i = 0; i < mailbox.count; ++i) {
      list.largest.push_back({.token = mailbox.list[i].token, .logit = mailbox.list[i].logit});
    }
    return list;
  }

  Result<void> read_logits(uint32_t row, std::span<float> logits) override {
    CHORD_CHECK(check_row(row));
    const uint64_t columns = plan_.logits ? plan_[*plan_.logits].columns : 0;
    if (logits.size() != columns) {
      return fail(ErrorCode::invalid_argument, "room for ", logits.size(), " logits, wanted ", columns);
    }
    if (logits_at_[row] == kNotRead) {
      return fail(ErrorCode::invalid_argument, "the sampling inputs of row ", row,
                  " did not ask for the whole row");
    }
    std::memcpy(logits.data(), results_.data() + logits_at_[row], logits.size_bytes());
    return {};
  }

  Result<void> read_embedding(uint32_t /*row*/, std::span<float> /*embedding*/) override {
    return fail(ErrorCode::invalid_argument, "the GPU does not hand out embeddings");
  }

  uint64_t store_bytes() const override {
    uint64_t sum = 0;
    for (const Store& store : program_->stores) sum += store.buffer.bytes();
    return sum;
  }
  uint64_t scratch_bytes() const override {
    uint64_t sum = program_->step.bytes() + program_->pairs.bytes() + program_->lists.bytes() +
                   program_->sums.bytes() + program_->mailboxes.bytes() + program_->shapes.bytes() +
                   program_->split_sums.bytes() + program_->split_totals.bytes() + program_->quants.bytes() +
                   program_->quant_scales.bytes() + program_->halves.bytes() + program_->expanded.bytes();
    for (const Buffer& slot : program_->slots) sum += slot.bytes();
    for (const Buffer& buffer : program_->token_buffers) sum += buffer.bytes();
    return sum;
  }

 private:
  enum class State : uint8_t { idle, begun, submitted, found, done };
  static constexpr uint64_t kNotRead = UINT64_MAX;
  static constexpr int32_t kBatchMs = 48;

  // ---- Several greedy steps in one go. The GPU goes on with the token that it finds likeliest; the session
  // decides. If it asks for that very step next, the results are there; if not, they are forgotten, and what
  // the steps stored is written again before anything reads it.

  // Whether the likeliest token is all that matters of the step.
  static bool is_greedy(const plan::Step& step) {
    if (step.tokens.size() != 1 || step.sampling.size() != 1) return false;
    const plan::SamplingInputs& inputs = step.sampling[0];
    return inputs.candidate_count == 1 && !inputs.whole_row && inputs.penalized.empty() &&
           inputs.biases.empty();
  }

  bool take_found(const plan::Step& step) {
    const bool hit = !found_.empty() && is_greedy(step) && step.first_position == next_position_ &&
                     step.tokens[0] == next_token_;
    if (!hit) {
      if (!found_.empty()) ahead_ = 1;
      found_.clear();
      return false;
    }
    next_position_ += 1;
    next_token_ = found_.front().first.token;
    // A Found is the beginning of a Mailbox.
    std::memcpy(results_.data(), &found_.front(), sizeof(Found));
    found_.erase(found_.begin());
    mailbox_at_ = {0};
    logits_at_ = {kNotRead};
    state_ = State::found;
    return true;
  }

  // More than a few steps only where that takes little time: those that nobody wants delay what follows.
  void pace(int32_t milliseconds) {
    if (2 * milliseconds > kBatchMs) ahead_ = std::min(ahead_, std::max(4U, repeats_));
    if (milliseconds > 2 * kBatchMs) ahead_ = std::min(ahead_, std::max(4U, repeats_ / 2));
  }

  // Twice as many as the last time, while the session agrees and the context has room.
  void choose_repeats(const plan::Step& step) {
    if (!is_greedy(step)) {
      repeats_ = 1;
      ahead_ = 1;
      return;
    }
    repeats_ = std::min({ahead_, Program::kMaxAhead, options_.context_length - step.first_position});
    ahead_ = std::min(2 * ahead_, Program::kMaxAhead);
    next_position_ = step.first_position + 1;
  }

  void keep_found() {
    if (repeats_ == 1) return;
    found_.resize(repeats_);
    std::memcpy(found_.data(), results_.data(), repeats_ * sizeof(Found));
    next_token_ = found_.front().first.token;
    found_.erase(found_.begin());  // this step's own, which results_ begins with
  }

  void fill_table(const plan::Step& step) {
    const std::span<const Program::Entry> all = program_->entries;
    const std::span<const Program::Entry> token = program_->token_entries;
    const bool one = step.tokens.size() == 1 && !token.empty();
    table_.clear();
    if (step.output_rows.empty()) {
      add_entries(step, one ? token.first(program_->token_end_without_outputs)
                            : all.first(program_->end_without_outputs));
      return;
    }
    add_entries(step, one ? token : all.first(program_->end_without_sampling));
    if (!step.sampling.empty()) add_entries(step, all.subspan(program_->end_without_sampling));
  }

  void add_entries(const plan::Step& step, std::span<const Program::Entry> entries) {
    using Use = Program::Entry::Use;
    for (const Program::Entry& entry : entries) {
      const size_t rows = entry.rows == plan::Rows::tokens ? step.tokens.size() : step.output_rows.size();
      const Use unused = rows == 1 ? Use::more_rows : Use::one_row;
      if (entry.use == unused || (entry.use == Use::ahead && repeats_ == 1)) continue;
      if (&entry == &program_->entries[program_->penalties] && data_.pairs.empty()) continue;
      GpuDispatch& dispatch = table_.emplace_back(entry.dispatch);
      dispatch.y = static_cast<uint32_t>((rows + entry.rows_each - 1) / entry.rows_each);
      if (entry.per_split) dispatch.z = (step.first_position + repeats_ - 1) / Program::kSplit + 1;
    }
  }

  // What the session may ask for when the step is done: it cannot wait then.
  void fill_reads(const plan::Step& step) {
    reads_.clear();
    mailbox_at_.clear();
    logits_at_.clear();
    uint64_t end = 0;
    const auto read = [&](const Buffer& buffer, uint64_t offset, uint64_t length) {
      reads_.push_back({.buffer = buffer.id(), .reserved = 0, .offset = offset, .length = length});
      return std::exchange(end, end + length);
    };
    if (repeats_ > 1) {
      mailbox_at_.push_back(read(program_->found, 0, repeats_ * sizeof(Found)));
      logits_at_.push_back(kNotRead);
      results_.resize(static_cast<size_t>(end));
      return;
    }
    for (size_t row = 0; row < step.sampling.size(); ++row) {
      const uint64_t bytes =
          offsetof(Mailbox, list) + step.sampling[row].candidate_count * sizeof(Mailbox::Entry);
      mailbox_at_.push_back(read(program_->mailboxes, row * sizeof(Mailbox), bytes));
    }
    const uint64_t row_bytes = plan_.logits ? plan_[*plan_.logits].columns * sizeof(float) : 0;
    for (size_t row = 0; row < step.output_rows.size(); ++row) {
      const bool whole = plan_.logits && (step.sampling.empty() || step.sampling[row].whole_row);
      logits_at_.push_back(whole ? read(*program_->logits, row * row_bytes, row_bytes) : kNotRead);
    }
    results_.resize(static_cast<size_t>(end));
  }

  Result<void> check_row(uint32_t row) const {
    if (state_ != State::done)
      return fail(ErrorCode::invalid_argument, "no step has ended, so it has no results");
    if (row < output_count_) return {};
    return fail(ErrorCode::invalid_argument, "output row ", row, " of a step with ", output_count_);
  }

  const plan::Plan& plan_;
  const Weights& weights_;
  plan::ExecutorOptions options_;
  GpuLimits limits_{};
  std::unique_ptr<Program> program_;

  State state_ = State::idle;
  StepData data_;
  std::vector<GpuDispatch> table_;
  std::vector<GpuRead> reads_;
  std::vector<std::byte> results_;
  std::vector<uint64_t> mailbox_at_;  // by output row, in results_
  std::vector<uint64_t> logits_at_;
  uint32_t output_count_ = 0;

  uint32_t repeats_ = 1;      // of the step that was begun
  uint32_t ahead_ = 1;        // of the next greedy one
  std::vector<Found> found_;  // of steps that nobody asked for yet
  uint32_t next_position_ = 0;
  int32_t next_token_ = 0;
};

}  // namespace

Result<std::unique_ptr<plan::Executor>> make_executor(const plan::Plan& plan, const Weights& weights,
                                                      plan::ExecutorOptions options) {
  if (options.context_length == 0 || options.max_tokens == 0 || options.max_outputs == 0) {
    return fail(ErrorCode::invalid_argument, "context of ", options.context_length, ", steps of ",
                options.max_tokens, " tokens and ", options.max_outputs, " outputs: all must be at least 1");
  }
  options.max_tokens = std::min(options.max_tokens, options.context_length);
  options.max_outputs = std::min(options.max_outputs, options.max_tokens);
  auto executor = std::make_unique<GpuExecutor>(plan, weights, options);
  CHORD_CHECK(executor->prepare());
  return executor;
}

}  // namespace chord::webgpu
