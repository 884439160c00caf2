#include "webgpu/executor.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "plan/reach.h"
#include "plan/step_check.h"
#include "plan/store_image.h"
#include "webgpu/ahead.h"
#include "webgpu/program.h"
#include "webgpu/step_data.h"

namespace chord::webgpu {
namespace {

// A ring keeps every position of the context, as the kernels count cells.
plan::Cells cells(const plan::ExecutorOptions& options) {
  return {.context = options.context_length, .ring_slack = options.context_length};
}

class GpuExecutor final : public plan::Executor {
 public:
  GpuExecutor(const plan::Plan& plan, const Weights& weights, const plan::ExecutorOptions& options)
      : plan_(plan), weights_(weights), options_(options), reach_(plan.stores, cells(options).ring_slack) {
    host_gpu_limits(&limits_);
  }
  ~GpuExecutor() override { abandon(); }

  Result<void> prepare() {
    program_ = std::make_unique<Program>(options_);
    return record(plan_, weights_, limits_, options_, *program_);
  }

  Result<void> begin(const plan::Step& step) override {
    if (state_ != State::idle && state_ != State::done) {
      return fail(ErrorCode::busy, "the step before has not ended");
    }
    CHORD_CHECK(plan::check_step(plan_, options_, step));
    reach_.store(step.first_position, step.first_position + static_cast<uint32_t>(step.tokens.size()));
    output_count_ = static_cast<uint32_t>(step.output_rows.size());
    drawn_ = !step.sampling.empty() && step.sampling[0].draw && step.sampling[0].candidate_count == 0;
    const bool expected = expectation_.is_met_by(step);
    if (!expected) stride_.reset();
    if (expected && (kept_ != 0 || !strides_.empty())) {
      expectation_.after(step);
      state_ = kept_ != 0 ? State::kept : State::submitted;
      return {};
    }
    forget();
    const uint32_t room = options_.context_length - step.first_position;
    pack(step, program_->layout, room, data_);
    program_->reserve_pairs(data_.pairs.size() * sizeof(uint32_t));
    // What is for sampling comes last.
    const size_t words = step.sampling.empty() ? program_->layout.sampling : data_.words.size();
    program_->step.write(0, std::span<const uint32_t>(data_.words).first(words));
    program_->pairs.write(0, std::span<const uint32_t>(data_.pairs));
    position_ = step.first_position;
    going_on_ = can_go_on(step);
    if (going_on_) {
      expectation_.after(step);
      limit_ = std::min(room, step.sampling[0].draw->tokens);
      ends_ = step.sampling[0].draw->ends;
      kept_bytes_ = Mailbox::bytes(std::min(data_.words[program_->layout.sampling], vocab_size()));
      submitted_ = 0;
      // Not before the session has agreed once.
      first_ = stride_.take(expected ? limit_ : 1);
    } else {
      first_ = 1;
    }
    fill_table(step);
    state_ = State::begun;
    if (!going_on_) fill_reads(step);
    return {};
  }

  Result<plan::Progress> advance(double /*deadline*/) override {
    switch (state_) {
      case State::begun:
        if (going_on_) {
          submit_stride(first_);
          if (first_ > 1) go_on();
        } else {
          submit(1);
        }
        state_ = State::submitted;
        return plan::Progress::waiting;
      case State::submitted: {
        const auto [id, steps] = strides_.front();
        const int32_t polled = host_gpu_poll(id, results_.data());
        if (polled == 0) return plan::Progress::waiting;
        strides_.erase(strides_.begin());
        if (going_on_) receive(steps, static_cast<uint32_t>(polled - 1));
        break;
      }
      case State::kept:
        break;
      case State::idle:
      case State::done:
        return fail(ErrorCode::invalid_argument, "no step was begun");
    }
    if (going_on_) take_kept();
    state_ = State::done;
    return plan::Progress::done;
  }

  void abandon() override {
    forget();
    state_ = State::idle;
  }

  Result<plan::CandidateList> candidates(uint32_t row) override {
    CHORD_CHECK(check_row(row));
    if (mailbox_at_.empty()) {
      return fail(ErrorCode::invalid_argument, "the step had no sampling inputs, so it has no candidates");
    }
    const Mailbox mailbox = mailbox_at(mailbox_at_[row]);
    plan::CandidateList list = {.largest = {},
                                .log_sum_exp = double{mailbox.maximum} + std::log(double{mailbox.sum}),
                                .drawn = drawn_};
    list.largest.reserve(mailbox.count);
    for (uint32_t i = 0; i < mailbox.count; ++i) {
      list.largest.push_back({.token = mailbox.list[i].token, .logit = mailbox.list[i].logit});
    }
    return list;
  }

  Result<void> read_logits(uint32_t row, std::span<float> logits) override {
    CHORD_CHECK(check_row(row));
    if (logits.size() != vocab_size()) {
      return fail(ErrorCode::invalid_argument, "room for ", logits.size(), " logits, wanted ", vocab_size());
    }
    if (logits_at_[row] == kNotRead) {
      return fail(ErrorCode::invalid_argument, "the sampling inputs of row ", row,
                  " did not ask for the whole row");
    }
    std::memcpy(logits.data(), results_.data() + logits_at_[row], logits.size_bytes());
    return {};
  }

  Result<void> read_embedding(uint32_t row, std::span<float> embedding) override {
    CHORD_CHECK(check_row(row));
    if (embeddings_at_ == kNotRead) {
      return fail(ErrorCode::invalid_argument,
                  "the step was not for embeddings only, so it brings none back");
    }
    const uint32_t length = plan_[*plan_.embeddings].columns;
    if (embedding.size() != length) {
      return fail(ErrorCode::invalid_argument, "room for ", embedding.size(), " numbers, wanted ", length);
    }
    std::memcpy(embedding.data(), results_.data() + embeddings_at_ + row * embedding.size_bytes(),
                embedding.size_bytes());
    return {};
  }

  bool draws() const override { return true; }
  Result<plan::Progress> copy_image(const plan::ImageCopy& copy) override {
    if (state_ == State::submitted) {
      if (host_gpu_poll(strides_.front().id, copy.bytes.data()) == 0) return plan::Progress::waiting;
      strides_.clear();
      state_ = State::idle;
      return plan::Progress::done;
    }
    forget();
    table_.clear();
    reads_.clear();
    for (uint64_t done = 0; done < copy.bytes.size();) {
      const plan::StorePiece piece = plan::image_piece(plan_.stores, options_.kv_type, cells(options_),
                                                       copy.positions, copy.offset + done);
      const Store& store = program_->stores[piece.store];
      const uint64_t at = piece.at + (piece.values ? store.value_offset : 0);
      const uint64_t length = std::min(piece.length, copy.bytes.size() - done);
      if (copy.to_stores) {
        host_gpu_write(store.buffer.id(), at, copy.bytes.data() + done, static_cast<size_t>(length));
      } else {
        read(store.buffer, at, length);
      }
      done += length;
    }
    if (copy.to_stores) {
      reach_.load(copy.positions);
      return plan::Progress::done;
    }
    submit(1);
    state_ = State::submitted;
    return plan::Progress::waiting;
  }

  uint64_t image_bytes(uint32_t positions) const override {
    return plan::image_bytes(plan_.stores, options_.kv_type, positions);
  }

  bool takes_texts() const override { return true; }
  // A token alone has kernels of its own.
  bool holds(uint32_t position) const override { return reach_.holds(position); }
  bool is_exact() const override { return false; }
  uint64_t store_bytes() const override {
    uint64_t sum = 0;
    for (const Store& store : program_->stores) sum += store.buffer.bytes();
    return sum;
  }
  uint64_t scratch_bytes() const override {
    uint64_t sum = program_->step.bytes() + program_->pairs.bytes() + program_->lists.bytes() +
                   program_->sums.bytes() + program_->mailboxes.bytes() + program_->shapes.bytes() +
                   program_->found.bytes() + program_->split_sums.bytes() + program_->split_totals.bytes() +
                   program_->quants.bytes() + program_->quant_scales.bytes() + program_->halves.bytes() +
                   program_->expanded.bytes();
    for (const Buffer& slot : program_->slots) sum += slot.bytes();
    for (const Buffer& frequencies : program_->ropes) sum += frequencies.bytes();
    for (const Buffer& buffer : program_->token_buffers) sum += buffer.bytes();
    return sum;
  }

 private:
  // kept: the step's results have come with those of a step before
  enum class State : uint8_t { idle, begun, submitted, kept, done };
  static constexpr uint64_t kNotRead = UINT64_MAX;
  // Under way at a time: while the results of one come, the GPU works on the next.
  static constexpr size_t kStrides = 2;

  uint32_t vocab_size() const { return plan_.logits ? plan_[*plan_.logits].columns : 0; }

  void forget() {
    for (const auto& [id, steps] : strides_) host_gpu_drop(id);
    strides_.clear();
    kept_ = 0;
    expectation_.forget();
  }

  // ---- Steps in one go

  void submit(uint32_t steps) {
    const uint32_t id = host_gpu_submit(table_.data(), table_.size(), steps, reads_.data(), reads_.size());
    strides_.emplace_back(id, steps);
  }

  // What the GPU keeps of them is a ring.
  void submit_stride(uint32_t steps) {
    const uint32_t first = submitted_ % Program::kKept;
    const uint32_t straight = std::min(steps, Program::kKept - first);
    reads_.clear();
    read(program_->found, first * kept_bytes_, straight * kept_bytes_);
    if (straight != steps) read(program_->found, 0, (steps - straight) * kept_bytes_);
    results_.resize(std::max(results_.size(), static_cast<size_t>(Program::kMaxAhead * kept_bytes_)));
    for (const size_t row : split_rows_) {
      table_[row].z = (position_ + submitted_ + steps - 1) / Program::kSplit + 1;
    }
    submit(steps);
    submitted_ += steps;
  }

  void go_on() {
    while (strides_.size() < kStrides && submitted_ < limit_)
      submit_stride(stride_.take(limit_ - submitted_));
  }

  // The results of a stride.
  void receive(uint32_t steps, uint32_t milliseconds) {
    kept_ = steps;
    kept_at_ = 0;
    stride_.took(steps, milliseconds);
    bool ended = false;
    for (uint32_t i = 0; i < steps; ++i) {
      const int32_t chosen = mailbox_at(i * kept_bytes_).chosen;
      ended = ended || std::ranges::find(ends_, chosen) != ends_.end();
    }
    if (!ended && steps > 1) go_on();
  }

  // The next of them is the step's that was begun.
  void take_kept() {
    mailbox_at_ = {kept_at_};
    logits_at_ = {kNotRead};
    expectation_.found(mailbox_at(kept_at_).chosen);
    kept_at_ += kept_bytes_;
    --kept_;
  }

  Mailbox mailbox_at(uint64_t offset) const {
    Mailbox mailbox;
    const std::byte* from = results_.data() + offset;
    std::memcpy(&mailbox, from, offsetof(Mailbox, list));
    mailbox.count = std::min<uint32_t>(mailbox.count, plan::kMaxCandidates);
    const uint64_t bytes = std::min(Mailbox::bytes(mailbox.count), results_.size() - offset);
    std::memcpy(&mailbox, from, static_cast<size_t>(bytes));
    return mailbox;
  }

  // ---- What is submitted

  void fill_table(const plan::Step& step) {
    const size_t token_count = step.tokens.size();
    const size_t output_count = step.output_rows.size();
    const std::span<const Program::Entry> all = program_->entries;
    const std::span<const Program::Entry> token = program_->token_entries;
    // The last norm of a token alone is part of what makes its logits.
    const bool one = token_count == 1 && !token.empty() && !step.embeddings_only;
    table_.clear();
    split_rows_.clear();
    if (output_count == 0) {
      add_entries(
          one ? token.first(program_->token_end_without_outputs) : all.first(program_->end_without_outputs),
          token_count, output_count);
      return;
    }
    if (step.embeddings_only) {
      add_entries(all.first(program_->end_of_embeddings), token_count, output_count);
      return;
    }
    add_entries(one ? token : all.first(program_->end_without_sampling), token_count, output_count);
    if (!step.sampling.empty())
      add_entries(all.subspan(program_->end_without_sampling), token_count, output_count);
  }

  void add_entries(std::span<const Program::Entry> entries, size_t token_count, size_t output_count) {
    using Use = Program::Entry::Use;
    for (const Program::Entry& entry : entries) {
      const size_t rows = entry.rows == plan::Rows::tokens ? token_count : output_count;
      const Use unused = rows == 1 ? Use::more_rows : Use::one_row;
      if (entry.use == unused || (entry.use == Use::ahead && !going_on_)) continue;
      if (entry.use == Use::pairs && data_.pairs.empty()) continue;
      if (entry.per_split) split_rows_.push_back(table_.size());
      GpuDispatch& dispatch = table_.emplace_back(entry.dispatch);
      dispatch.y = static_cast<uint32_t>((rows + entry.rows_each - 1) / entry.rows_each);
      if (entry.per_split) dispatch.z = position_ / Program::kSplit + 1;
    }
  }

  // Of `length` bytes; returns where they will be in results_.
  uint64_t read(const Buffer& buffer, uint64_t offset, uint64_t length) {
    const uint64_t at = reads_.empty() ? 0 : read_end_;
    reads_.push_back({.buffer = buffer.id(), .reserved = 0, .offset = offset, .length = length});
    read_end_ = at + length;
    return at;
  }

  // What the session may ask for when the step is done: it cannot wait then.
  void fill_reads(const plan::Step& step) {
    reads_.clear();
    mailbox_at_.clear();
    logits_at_.clear();
    for (size_t row = 0; row < step.sampling.size(); ++row) {
      const uint64_t bytes = Mailbox::bytes(step.sampling[row].candidate_count);
      mailbox_at_.push_back(read(program_->mailboxes, row * sizeof(Mailbox), bytes));
    }
    embeddings_at_ = kNotRead;
    if (step.embeddings_only) {
      const uint64_t bytes = step.output_rows.size() * sizeof(float) * plan_[*plan_.embeddings].columns;
      if (bytes != 0) embeddings_at_ = read(*program_->embeddings, 0, bytes);
    }
    const uint64_t row_bytes = uint64_t{vocab_size()} * sizeof(float);
    for (size_t row = 0; row < step.output_rows.size(); ++row) {
      const bool whole =
          plan_.logits && !step.embeddings_only && (step.sampling.empty() || step.sampling[row].whole_row);
      logits_at_.push_back(whole ? read(*program_->logits, row * row_bytes, row_bytes) : kNotRead);
    }
    results_.resize(static_cast<size_t>(reads_.empty() ? 0 : read_end_));
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
  plan::Reach reach_;
  GpuLimits limits_{};
  std::unique_ptr<Program> program_;

  State state_ = State::idle;
  StepData data_;
  std::vector<GpuDispatch> table_;
  std::vector<GpuRead> reads_;
  std::vector<std::byte> results_;
  std::vector<uint64_t> mailbox_at_;  // by output row, in results_
  std::vector<uint64_t> logits_at_;
  uint64_t embeddings_at_ = kNotRead;  // of all rows
  uint32_t output_count_ = 0;
  bool drawn_ = false;  // the step's candidates

  struct Submit {
    uint32_t id;
    uint32_t steps;
  };
  std::vector<Submit> strides_;     // under way
  std::vector<size_t> split_rows_;  // of the table, whose z grows with the position
  uint64_t read_end_ = 0;
  bool going_on_ = false;   // the GPU does, from the last step that was told to it
  uint32_t position_ = 0;   // of that step
  uint32_t first_ = 1;      // steps of the first stride
  uint32_t submitted_ = 0;  // since then,
  uint32_t limit_ = 0;      // and how many at most
  std::vector<int32_t> ends_;
  uint64_t kept_bytes_ = 0;  // of a step's mailbox
  uint32_t kept_ = 0;        // results of steps that nobody asked for yet,
  uint64_t kept_at_ = 0;     // and where they begin in results_
  Expectation expectation_;
  Stride stride_;
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
