#include "webgpu/activations.h"

#include <algorithm>
#include <variant>

namespace chord::webgpu {
namespace {

constexpr size_t kNever = SIZE_MAX;

class Layout {
 public:
  Layout(const plan::Plan& plan, const plan::ExecutorOptions& options)
      : plan_(plan), options_(options), last_use_(plan.values.size(), kNever) {
    result_.slots.resize(plan.values.size());
  }

  Activations run(std::span<const Kernel> kernels) && {
    for (size_t i = 0; i < kernels.size(); ++i) {
      for (const plan::Value x : kernels[i].instruction.reads) last_use_[x.id] = i;
    }
    for (const auto& result : {plan_.logits, plan_.embeddings}) {
      if (result) last_use_[result->id] = kNever;
    }
    for (size_t i = 0; i < kernels.size(); ++i) {
      const plan::Instruction& instruction = kernels[i].instruction;
      if (const auto* penalties = std::get_if<plan::Penalties>(instruction.op)) {
        result_.slots[penalties->out.id] = result_.slots[penalties->logits.id];
        continue;
      }
      if (instruction.out) result_.slots[instruction.out->id] = take(bytes_of(*instruction.out));
      for (const plan::Value x : instruction.reads) {
        if (last_use_[x.id] == i) free_[result_.slots[x.id]] = true;
      }
    }
    return std::move(result_);
  }

 private:
  uint64_t bytes_of(plan::Value x) const {
    const plan::ValueInfo& info = plan_[x];
    const uint64_t rows = info.rows == plan::Rows::tokens ? options_.max_tokens : options_.max_outputs;
    return rows * info.columns * sizeof(float);
  }

  // The free slot that has to grow least.
  uint32_t take(uint64_t bytes) {
    size_t best = free_.size();
    uint64_t best_growth = 0;
    for (size_t i = 0; i < free_.size(); ++i) {
      if (!free_[i]) continue;
      const uint64_t growth = bytes - std::min(bytes, result_.bytes[i]);
      if (best == free_.size() || growth < best_growth) {
        best = i;
        best_growth = growth;
      }
    }
    if (best == free_.size()) {
      free_.push_back(true);
      result_.bytes.push_back(0);
    }
    free_[best] = false;
    result_.bytes[best] = std::max(result_.bytes[best], bytes);
    return static_cast<uint32_t>(best);
  }

  const plan::Plan& plan_;
  const plan::ExecutorOptions& options_;
  std::vector<size_t> last_use_;  // by value: an index of an instruction
  std::vector<bool> free_;        // by slot
  Activations result_;
};

}  // namespace

Activations lay_out(const plan::Plan& plan, std::span<const Kernel> kernels,
                    const plan::ExecutorOptions& options) {
  return Layout(plan, options).run(kernels);
}

}  // namespace chord::webgpu
