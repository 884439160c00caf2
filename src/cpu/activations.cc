#include "cpu/activations.h"

#include <variant>

#include "cpu/range_allocator.h"
#include "cpu/saturating.h"

namespace chord::cpu {
namespace {

constexpr size_t kNever = SIZE_MAX;

class Layout {
 public:
  Layout(const plan::Plan& plan, uint32_t max_tokens, uint32_t max_outputs)
      : plan_(plan),
        max_tokens_(max_tokens),
        max_outputs_(max_outputs),
        memory_(0, 0, [](uint64_t end) { return end; }),
        last_use_(plan.values.size(), kNever),
        owns_(plan.values.size()) {
    result_.offsets.resize(plan.values.size());
  }

  Activations run(std::span<const plan::Instruction> instructions) && {
    for (size_t i = 0; i < instructions.size(); ++i) {
      for (const plan::Value x : instructions[i].reads) last_use_[x.id] = i;
    }
    if (plan_.logits) last_use_[plan_.logits->id] = kNever;
    if (plan_.embeddings) last_use_[plan_.embeddings->id] = kNever;
    for (const plan::Op& op : plan_.ops) {
      const auto* input = std::get_if<plan::Input>(&op);
      if (input == nullptr) continue;
      last_use_[input->out.id] = kNever;
      allocate(input->out);
    }

    for (size_t i = 0; i < instructions.size(); ++i) {
      const plan::Instruction& instruction = instructions[i];
      if (instruction.out) place(instruction, i);
      for (const plan::Value x : instruction.reads) {
        if (last_use_[x.id] == i) release(x);
      }
    }
    result_.bytes = too_many_ ? kTooMany : memory_.end();
    return std::move(result_);
  }

 private:
  void place(const plan::Instruction& instruction, size_t index) {
    const plan::Value out = *instruction.out;
    const auto operand = instruction.in_place();
    const bool dies = operand && owns_[operand->id] && last_use_[operand->id] == index;
    // Penalties always work in place, on logits that stay to the end.
    if (dies || std::holds_alternative<plan::Penalties>(*instruction.op)) {
      result_.offsets[out.id] = result_.offsets[operand->id];
      owns_[out.id] = dies;
      if (dies) owns_[operand->id] = false;
    } else {
      allocate(out);
    }
  }

  void allocate(plan::Value x) {
    const plan::ValueInfo& info = plan_[x];
    const uint64_t row_count = info.rows == plan::Rows::tokens ? max_tokens_ : max_outputs_;
    const auto offset =
        memory_.allocate(saturating_multiply(row_count, uint64_t{info.columns} * sizeof(float)));
    too_many_ = too_many_ || !offset;
    if (!offset) return;
    result_.offsets[x.id] = *offset;
    owns_[x.id] = true;
  }

  void release(plan::Value x) {
    if (owns_[x.id]) memory_.release(result_.offsets[x.id]);
    owns_[x.id] = false;
  }

  const plan::Plan& plan_;
  uint64_t max_tokens_;
  uint64_t max_outputs_;
  RangeAllocator memory_;
  std::vector<size_t> last_use_;  // by value: an index of an instruction
  std::vector<bool> owns_;        // by value: whether its range is released with it
  Activations result_;
  bool too_many_ = false;
};

}  // namespace

Activations lay_out(const plan::Plan& plan, std::span<const plan::Instruction> instructions,
                    uint32_t max_tokens, uint32_t max_outputs) {
  return Layout(plan, max_tokens, max_outputs).run(instructions);
}

}  // namespace chord::cpu
