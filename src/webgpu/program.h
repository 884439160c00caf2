// A session's dispatches, recorded once, and the buffers that they work on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "plan/device.h"
#include "plan/plan.h"
#include "webgpu/buffer.h"
#include "webgpu/step_data.h"
#include "webgpu/weights.h"

namespace chord::webgpu {

// What candidates.wgsl writes for each output row.
struct Mailbox {
  struct Entry {
    int32_t token;
    float logit;
  };
  float maximum;
  float sum;  // of exponentials relative to the maximum
  uint32_t count;
  int32_t chosen;  // by advance.wgsl, which keeps the mailboxes of several steps
  Entry list[plan::kMaxCandidates];

  static uint64_t bytes(uint32_t count) { return offsetof(Mailbox, list) + count * sizeof(Entry); }
};

// Owns bind groups.
class Groups {
 public:
  Groups() = default;
  Groups(const Groups&) = delete;
  Groups& operator=(const Groups&) = delete;
  ~Groups() {
    for (const uint32_t id : ids_) host_gpu_release_group(id);
  }
  uint32_t add(uint32_t pipeline, std::span<const GpuBinding> bindings) {
    ids_.push_back(host_gpu_group(pipeline, bindings.data(), bindings.size()));
    return ids_.back();
  }

 private:
  std::vector<uint32_t> ids_;
};

struct Store {
  Buffer buffer;
  uint64_t key_bytes;
  uint64_t value_offset;
  uint64_t value_bytes;
};

struct Program {
  struct Entry {
    GpuDispatch dispatch;  // y: to be filled in
    plan::Rows rows;
    // Over more rows a product's weights are shared, and attention need not be split by its keys (z).
    // What makes a token the next step's is for several steps in one go (ahead). Penalties and biases have
    // nothing to do where there are no pairs.
    enum class Use : uint8_t { always, one_row, more_rows, ahead, pairs } use = Use::always;
    uint32_t rows_each = 1;  // of a workgroup; kWhole: once for the step
    bool per_split = false;
  };
  static constexpr uint32_t kSplit = 128;  // keys
  static constexpr uint32_t kWhole = 1u << 30;
  // Steps in one go, and for how many there is room until they are read.
  static constexpr uint32_t kMaxAhead = 32;
  static constexpr uint32_t kKept = 2 * kMaxAhead;

  explicit Program(const plan::ExecutorOptions& options) : layout(options) {}

  StepLayout layout;
  Buffer step;
  Buffer shapes;  // of the matmuls, where a binding may begin
  Buffer pairs;
  std::vector<Buffer> slots;
  std::vector<Store> stores;
  std::vector<Buffer> ropes;  // frequencies, by rope settings
  Buffer split_sums;          // of attention
  Buffer split_totals;
  Buffer quants;  // of the operand of products over more rows (quantize.wgsl)
  Buffer quant_scales;
  Buffer halves;    // the same operand, where there are matrix units
  Buffer expanded;  // and the other one
  Buffer lists;     // of candidates, by output and chunk
  Buffer sums;
  Buffer mailboxes;
  Buffer found;              // mailboxes of the last kKept steps, without gaps
  Buffer* logits = nullptr;  // one of the slots
  Buffer* embeddings = nullptr;
  Groups groups;

  // Makes room for the pairs of a step.
  void reserve_pairs(uint64_t bytes);

  std::vector<Entry> entries;
  // Entries that bind the pairs.
  struct PairsUser {
    size_t entry;
    std::vector<GpuBinding> bindings;
    size_t pairs;  // which of them
  };
  std::vector<PairsUser> pairs_users;
  size_t end_without_outputs = 0;   // what follows the last store leaves no trace
  size_t end_without_sampling = 0;  // penalties and candidates come last
  size_t end_of_embeddings = 0;     // what follows is for logits

  // The same for steps of one token, up to the logits; empty: `entries` do them, too.
  std::vector<Entry> token_entries;
  size_t token_end_without_outputs = 0;
  std::vector<Buffer> token_buffers;
};

// unsupported_architecture: an op without a kernel; out_of_memory: a buffer larger than a binding.
Result<void> record(const plan::Plan& plan, const Weights& weights, const GpuLimits& limits,
                    const plan::ExecutorOptions& options, Program& program);

}  // namespace chord::webgpu
