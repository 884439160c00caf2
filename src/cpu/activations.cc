#include "cpu/activations.h"

#include <variant>

#include "cpu/kernels/layout.h"
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
    result_.quantized.resize(plan.values.size() * kernels::kQuantizations, kNoPlace);
    last_quantized_use_.resize(result_.quantized.size());
  }

  Activations run(std::span<const plan::Instruction> instructions) && {
    for (size_t i = 0; i < instructions.size(); ++i) {
      for (const plan::Value x : instructions[i].reads) last_use_[x.id] = i;
      if (const auto copy = quantized_operand(instructions[i])) last_quantized_use_[copy->index] = i;
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
      const auto copy = quantized_operand(instruction);
      if (copy && result_.quantized[copy->index] == kNoPlace) allocate(*copy);
      if (instruction.out) place(instruction, i);
      if (copy && last_quantized_use_[copy->index] == i) memory_.release(result_.quantized[copy->index]);
      for (const plan::Value x : instruction.reads) {
        if (last_use_[x.id] == i) release(x);
      }
    }
    result_.bytes = too_many_ ? kTooMany : memory_.end();
    return std::move(result_);
  }

 private:
  struct QuantizedOperand {
    size_t index;
    plan::Value x;
    kernels::Quantization quantization;
  };

  std::optional<QuantizedOperand> quantized_operand(const plan::Instruction& instruction) const {
    const auto* matmul = std::get_if<plan::MatMul>(instruction.op);
    if (matmul == nullptr) return std::nullopt;
    const auto quantization = quantization_of(plan_[matmul->w]);
    if (!quantization) return std::nullopt;
    return QuantizedOperand{quantized_index(matmul->x, *quantization), matmul->x, *quantization};
  }

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
    const auto offset = allocate_rows(x, uint64_t{plan_[x].columns} * sizeof(float));
    if (!offset) return;
    result_.offsets[x.id] = *offset;
    owns_[x.id] = true;
  }

  void allocate(const QuantizedOperand& copy) {
    const auto offset =
        allocate_rows(copy.x, kernels::quantized_bytes(copy.quantization, plan_[copy.x].columns));
    if (offset) result_.quantized[copy.index] = *offset;
  }

  Result<uint64_t> allocate_rows(plan::Value x, uint64_t row_bytes) {
    const uint64_t row_count = plan_[x].rows == plan::Rows::tokens ? max_tokens_ : max_outputs_;
    auto offset = memory_.allocate(saturating_multiply(row_count, row_bytes));
    too_many_ = too_many_ || !offset;
    return offset;
  }

  void release(plan::Value x) {
    if (owns_[x.id]) memory_.release(result_.offsets[x.id]);
    owns_[x.id] = false;
  }

  const plan::Plan& plan_;
  uint64_t max_tokens_;
  uint64_t max_outputs_;
  RangeAllocator memory_;
  std::vector<size_t> last_use_;            // by value: an index of an instruction
  std::vector<size_t> last_quantized_use_;  // by quantized_index()
  std::vector<bool> owns_;                  // by value: whether its range is released with it
  Activations result_;
  bool too_many_ = false;
};

}  // namespace

std::optional<kernels::Quantization> quantization_of(const plan::WeightInfo& weight) {
  const auto quantization = kernels::quantization_of(static_cast<kernels::Type>(weight.type));
  if (quantization == kernels::Quantization::none) return std::nullopt;
  return quantization;
}

Activations lay_out(const plan::Plan& plan, std::span<const plan::Instruction> instructions,
                    uint32_t max_tokens, uint32_t max_outputs) {
  return Layout(plan, max_tokens, max_outputs).run(instructions);
}

}  // namespace chord::cpu
