#include "cpu/executor.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>
#include <variant>

#include "cpu/activations.h"
#include "cpu/allocation.h"
#include "cpu/caches.h"
#include "cpu/command_list.h"
#include "cpu/kernels/command.h"
#include "cpu/meetings.h"
#include "cpu/pace.h"
#include "cpu/saturating.h"
#include "cpu/step_block.h"
#include "plan/instruction.h"
#include "plan/reach.h"
#include "plan/step_check.h"
#include "plan/store_image.h"

namespace chord::cpu {
namespace {

// Room for a repetition window of the usual length in every session; longer lists make the block grow.
constexpr uint64_t kUsualPairs = 256;

// Multiply-adds from which on a step is for several threads: less takes one of them some 0.2 ms, of which
// waking the others, and meeting them at each op, would be a large part.
constexpr uint64_t kTeamWork = 4'000'000;

template <class T>
std::span<const std::byte> bytes_of(const std::vector<T>& elements) {
  return std::as_bytes(std::span(elements));
}

// What one session needs beside its caches, all in one allocation: places count from its start.
struct Scratch {
  Addresses addresses;  // but for the caches
  uint64_t commands;
  uint64_t bytes = 0;

  uint64_t append(uint64_t size) {
    const uint64_t at = bytes;
    bytes = saturating_align(saturating_add(bytes, size));
    return at;
  }

  void move_to(uint64_t base) {
    for (uint64_t& address : addresses.values) address += base;
    for (uint64_t& address : addresses.quantized) {
      if (address != kNoPlace) address += base;
    }
    for (Addresses::Rope& rope : addresses.ropes) {
      rope.frequencies += base;
      rope.table += base;
    }
    addresses.mailboxes += base;
    commands += base;
  }
};

Scratch lay_out_scratch(const plan::Plan& plan, std::span<const plan::Instruction> instructions,
                        const plan::ExecutorOptions& options) {
  Scratch scratch = {};
  Activations activations = lay_out(plan, instructions, options.max_tokens, options.max_outputs);
  scratch.addresses.values = std::move(activations.offsets);
  scratch.append(activations.bytes);
  scratch.addresses.quantized = std::move(activations.quantized);
  for (const plan::RopeSettings& settings : plan.rope_settings) {
    const uint64_t pairs = settings.frequencies.size();
    const uint64_t frequencies = scratch.append(pairs * sizeof(double));
    const uint64_t table = scratch.append(saturating_multiply(pairs * 2 * sizeof(float), options.max_tokens));
    scratch.addresses.ropes.push_back({.frequencies = frequencies, .table = table});
  }
  const uint64_t mailboxes = plan.logits ? options.max_outputs : 0;
  scratch.addresses.mailboxes = scratch.append(mailboxes * sizeof(kernels::Mailbox));
  // An instruction quantizes one operand at most.
  scratch.commands =
      scratch.append((plan.rope_settings.size() + 2 * instructions.size()) * sizeof(kernels::Command));
  return scratch;
}

// Of the parameters of a step, as long as its penalties are not unusually many.
uint64_t usual_block_bytes(const plan::ExecutorOptions& options) {
  return StepBlock::bytes_for(options.max_tokens, options.max_outputs, kUsualPairs);
}

Result<plan::ExecutorOptions> within_bounds(plan::ExecutorOptions options) {
  if (options.context_length == 0 || options.max_tokens == 0 || options.max_outputs == 0) {
    return fail(ErrorCode::invalid_argument, "context of ", options.context_length, ", steps of ",
                options.max_tokens, " tokens and ", options.max_outputs, " outputs: all must be at least 1");
  }
  options.max_tokens = std::min(options.max_tokens, options.context_length);
  options.max_outputs = std::min(options.max_outputs, options.max_tokens);
  return options;
}

class CpuExecutor final : public plan::Executor {
 public:
  CpuExecutor(const plan::Plan& plan, DataPlane& data_plane, plan::Clock clock,
              const plan::ExecutorOptions& options)
      : plan_(plan),
        data_plane_(data_plane),
        clock_(clock),
        options_(options),
        reach_(plan.stores, cells(options).ring_slack) {}

  Result<void> prepare(const Placement& weights) {
    CHORD_ASSIGN(Caches caches, lay_out_caches(plan_, options_));
    const std::string purpose = concat("KV cache of ", options_.context_length, " positions");
    CHORD_ASSIGN(caches_, Allocation::create(data_plane_, caches.bytes, purpose));
    for (kernels::Cache& cache : caches.stores) {
      cache.keys += caches_.address();
      cache.values += caches_.address();
    }

    const std::vector<plan::Instruction> instructions = plan::fuse(plan_);
    Scratch scratch = lay_out_scratch(plan_, instructions, options_);
    CHORD_ASSIGN(scratch_, Allocation::create(data_plane_, scratch.bytes, "scratch memory"));
    scratch.move_to(scratch_.address());
    addresses_ = std::move(scratch.addresses);
    addresses_.caches = std::move(caches.stores);
    commands_ = scratch.commands;
    list_ = emit(plan_, instructions, weights, addresses_, options_.context_length);
    mark_meetings(list_.commands, {.tokens = options_.max_tokens, .outputs = options_.max_outputs});
    data_plane_.write(commands_, bytes_of(list_.commands));
    list_.commands = {};
    for (size_t i = 0; i < plan_.rope_settings.size(); ++i) {
      data_plane_.write(addresses_.ropes[i].frequencies, bytes_of(plan_.rope_settings[i].frequencies));
    }
    return reserve_block(usual_block_bytes(options_));
  }

  Result<void> begin(const plan::Step& step) override {
    if (state_ == State::running) return fail(ErrorCode::busy, "the step before has not ended");
    CHORD_CHECK(plan::check_step(plan_, options_, step));
    CHORD_CHECK(reserve_block(StepBlock::bytes_for(step)));
    for (const plan::Op& op : plan_.ops) {
      const auto* input = std::get_if<plan::Input>(&op);
      if (input == nullptr) continue;
      const auto found = std::ranges::find(step.inputs, input->name, &plan::NamedInput::name);
      data_plane_.write(addresses_.values[input->out.id], plan::bytes_of(*found));
    }

    token_count_ = step.tokens.size();
    output_count_ = static_cast<uint32_t>(step.output_rows.size());
    key_count_ = step.first_position + token_count_;
    reach_.store(step.first_position, static_cast<uint32_t>(key_count_));
    candidate_counts_.clear();
    for (const plan::SamplingInputs& inputs : step.sampling) {
      candidate_counts_.push_back(inputs.candidate_count);
    }
    next_ = 0;
    part_ = 0;
    end_ = output_count_ == 0     ? list_.end_without_outputs
           : step.embeddings_only ? list_.end_with_embeddings
                                  : static_cast<uint32_t>(list_.work.size());
    data_plane_.write(block_.address(), packer_.pack(step, is_small_step(), block_.address()));
    state_ = State::running;
    return {};
  }

  Result<plan::Progress> advance(double deadline) override {
    if (state_ != State::running) return fail(ErrorCode::invalid_argument, "no step was begun");
    double now = clock_();
    while (next_ != end_) {
      if (part_ == 0) slice_ = next_slice();
      CHORD_CHECK(run_part());
      const double start = std::exchange(now, clock_());
      pace_.observe(slice_.work / slice_.parts, now - start);
      if (now >= deadline && next_ != end_) return plan::Progress::working;
    }
    state_ = State::done;
    return plan::Progress::done;
  }

  void abandon() override { state_ = State::idle; }

  Result<plan::CandidateList> candidates(uint32_t row) override {
    CHORD_CHECK(check_row(row));
    if (candidate_counts_.empty()) {
      return fail(ErrorCode::invalid_argument, "the step had no sampling inputs, so it has no candidates");
    }
    const uint64_t address = addresses_.mailboxes + row * sizeof(kernels::Mailbox);
    const size_t limit =
        offsetof(kernels::Mailbox, candidates) + candidate_counts_[row] * sizeof(kernels::Candidate);
    kernels::Mailbox mailbox;
    data_plane_.read(address, std::as_writable_bytes(std::span(&mailbox, 1)).first(limit));

    plan::CandidateList list = {.largest = {}, .log_sum_exp = mailbox.log_sum_exp};
    const uint32_t count = std::min(mailbox.count, candidate_counts_[row]);
    list.largest.reserve(count);
    for (uint32_t i = 0; i < count; ++i) {
      list.largest.push_back({.token = mailbox.candidates[i].token, .logit = mailbox.candidates[i].logit});
    }
    return list;
  }

  Result<void> read_logits(uint32_t row, std::span<float> logits) override {
    return read_row("logits", plan_.logits, row, logits);
  }

  Result<void> read_embedding(uint32_t row, std::span<float> embedding) override {
    return read_row("embeddings", plan_.embeddings, row, embedding);
  }

  Result<plan::Progress> copy_image(const plan::ImageCopy& copy) override {
    for (uint64_t done = 0; done < copy.bytes.size();) {
      const plan::StorePiece piece = plan::image_piece(plan_.stores, options_.kv_type, cells(options_),
                                                       copy.positions, copy.offset + done);
      const kernels::Cache& cache = addresses_.caches[piece.store];
      const uint64_t address = (piece.values ? cache.values : cache.keys) + piece.at;
      const uint64_t length = std::min(piece.length, copy.bytes.size() - done);
      const auto bytes = copy.bytes.subspan(static_cast<size_t>(done), static_cast<size_t>(length));
      if (copy.to_stores) {
        data_plane_.write(address, bytes);
      } else {
        data_plane_.read(address, bytes);
      }
      done += length;
    }
    if (copy.to_stores) reach_.load(copy.positions);
    return plan::Progress::done;
  }

  uint64_t image_bytes(uint32_t positions) const override {
    return plan::image_bytes(plan_.stores, options_.kv_type, positions);
  }

  bool holds(uint32_t position) const override { return reach_.holds(position); }
  bool is_exact() const override { return true; }
  uint64_t store_bytes() const override { return caches_.bytes(); }
  uint64_t scratch_bytes() const override { return scratch_.bytes() + block_.bytes(); }

 private:
  enum class State : uint8_t { idle, running, done };

  // Commands [next_, end), or one that takes long and is run part by part.
  struct Slice {
    uint32_t end;
    uint64_t work;
    uint16_t parts;
  };

  uint64_t work_of(uint32_t command) const {
    const Work& work = list_.work[command];
    const uint64_t keys = work.window == 0 ? key_count_ : std::min<uint64_t>(work.window, key_count_);
    return work.per_token * token_count_ + work.per_output * output_count_ +
           work.per_pair * token_count_ * keys;
  }

  // Whether calling other threads would cost more than they save.
  bool is_small_step() const {
    uint64_t work = 0;
    for (uint32_t i = 0; i < end_; ++i) work += work_of(i);
    return work < kTeamWork;
  }

  // At least one command; more as long as they fit the pace.
  Slice next_slice() const {
    Slice slice = {.end = next_ + 1, .work = work_of(next_), .parts = 1};
    while (slice.end != end_) {
      const uint64_t more = work_of(slice.end);
      if (slice.work + more > pace_.slice()) break;
      slice.work += more;
      ++slice.end;
    }
    // One command alone: parts of several would come in the wrong order.
    if (slice.end == next_ + 1) {
      slice.parts = static_cast<uint16_t>(std::min<uint64_t>(1 + slice.work / pace_.longest(), UINT16_MAX));
    }
    return slice;
  }

  Result<void> run_part() {
    if (slice_.parts > 1) write_part(part_, slice_.parts);
    CHORD_CHECK(data_plane_.run(block_.address(), commands_, next_, slice_.end));
    if (++part_ != slice_.parts) return {};
    if (slice_.parts > 1) write_part(0, 0);
    part_ = 0;
    next_ = slice_.end;
    return {};
  }

  // Which part of the commands' work the kernels do from now on.
  void write_part(uint16_t index, uint16_t count) {
    const uint16_t part[] = {index, count};
    static_assert(offsetof(kernels::Step, part_count) == offsetof(kernels::Step, part) + sizeof index);
    data_plane_.write(block_.address() + offsetof(kernels::Step, part), std::as_bytes(std::span(part)));
  }

  Result<void> reserve_block(uint64_t bytes) {
    if (bytes <= block_.bytes()) return {};
    CHORD_ASSIGN(block_, Allocation::create(data_plane_, bytes, "parameters of a step"));
    return {};
  }

  Result<void> check_row(uint32_t row) const {
    if (state_ != State::done)
      return fail(ErrorCode::invalid_argument, "no step has ended, so it has no results");
    if (row < output_count_) return {};
    return fail(ErrorCode::invalid_argument, "output row ", row, " of a step with ", output_count_);
  }

  Result<void> read_row(std::string_view what, std::optional<plan::Value> value, uint32_t row,
                        std::span<float> out) {
    if (!value) return fail(ErrorCode::invalid_argument, "the plan has no ", what);
    CHORD_CHECK(check_row(row));
    const uint64_t columns = plan_[*value].columns;
    if (out.size() != columns) {
      return fail(ErrorCode::invalid_argument, "room for ", out.size(), " ", what, ", wanted ", columns);
    }
    data_plane_.read(addresses_.values[value->id] + row * columns * sizeof(float),
                     std::as_writable_bytes(out));
    return {};
  }

  const plan::Plan& plan_;
  DataPlane& data_plane_;
  plan::Clock clock_;
  plan::ExecutorOptions options_;
  plan::Reach reach_;

  Allocation caches_;
  Allocation scratch_;
  Allocation block_;
  Addresses addresses_;
  uint64_t commands_ = 0;
  CommandList list_;  // only the work; the commands are in the data plane
  StepBlock packer_;
  Pace pace_;

  State state_ = State::idle;
  uint64_t token_count_ = 0;
  uint32_t output_count_ = 0;
  uint64_t key_count_ = 0;
  std::vector<uint32_t> candidate_counts_;
  uint32_t next_ = 0;
  uint32_t end_ = 0;
  Slice slice_ = {};   // from next_ on, if part_ is not 0
  uint16_t part_ = 0;  // the next one of it
};

}  // namespace

Result<SessionBytes> session_bytes(const plan::Plan& plan, plan::ExecutorOptions options) {
  CHORD_ASSIGN(options, within_bounds(options));
  CHORD_ASSIGN(const Caches caches, lay_out_caches(plan, options));
  const Scratch scratch = lay_out_scratch(plan, plan::fuse(plan), options);
  return SessionBytes{.stores = caches.bytes,
                      .scratch = saturating_add(scratch.bytes, usual_block_bytes(options))};
}

Result<std::unique_ptr<plan::Executor>> make_executor(const plan::Plan& plan, const Placement& weights,
                                                      DataPlane& data_plane, plan::Clock clock,
                                                      plan::ExecutorOptions options) {
  CHORD_ASSIGN(options, within_bounds(options));
  auto executor = std::make_unique<CpuExecutor>(plan, data_plane, clock, options);
  CHORD_CHECK(executor->prepare(weights));
  return executor;
}

}  // namespace chord::cpu
