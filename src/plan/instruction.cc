#include "plan/instruction.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "plan/operands.h"

namespace chord::plan {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

class Fuser {
 public:
  explicit Fuser(const Plan& plan)
      : plan_(plan), use_count_(plan.values.size()), producer_(plan.values.size(), kNone) {
    for (const Op& op : plan.ops) {
      for (const Value x : inputs(op)) ++use_count_[x.id];
    }
    if (plan.logits) ++use_count_[plan.logits->id];
    if (plan.embeddings) ++use_count_[plan.embeddings->id];
  }

  std::vector<Instruction> run() && {
    for (const Op& op : plan_.ops) {
      if (std::holds_alternative<Input>(op)) continue;
      if (const auto* bias = std::get_if<Bias>(&op); bias && absorb(*bias)) continue;
      if (const auto* add = std::get_if<Add>(&op)) {
        if (absorb(*add, add->b, add->a) || absorb(*add, add->a, add->b)) continue;
      }
      Instruction instruction;
      instruction.op = &op;
      instruction.reads = inputs(op);
      instruction.out = output(op);
      if (const auto* multiply = std::get_if<Multiply>(&op)) {
        if (!gate(instruction, multiply->a, multiply->b)) gate(instruction, multiply->b, multiply->a);
      }
      if (instruction.out) producer_[instruction.out->id] = static_cast<uint32_t>(list_.size());
      list_.push_back(std::move(instruction));
    }
    std::erase_if(list_, [](const Instruction& instruction) { return instruction.op == nullptr; });
    return std::move(list_);
  }

 private:
  // The instruction that writes x, if it is a T whose result has no other reader.
  template <class T>
  Instruction* only_reader_of(Value x) {
    const uint32_t index = producer_[x.id];
    if (index == kNone || use_count_[x.id] != 1) return nullptr;
    Instruction& instruction = list_[index];
    return std::holds_alternative<T>(*instruction.op) ? &instruction : nullptr;
  }

  bool absorb(const Bias& bias) {
    Instruction* matmul = only_reader_of<MatMul>(bias.x);
    if (matmul == nullptr || matmul->bias || matmul->residual) return false;
    // Not one bias for each choice of an expert.
    if (plan_[bias.bias].columns != plan_[std::get<MatMul>(*matmul->op).w].rows) return false;
    matmul->bias = bias.bias;
    rename(*matmul, bias.out);
    return true;
  }

  bool absorb(const Add& add, Value product, Value other) {
    Instruction* sum = only_reader_of<MatMul>(product);
    if (sum == nullptr) sum = only_reader_of<WeightedSum>(product);
    if (sum == nullptr || sum->residual) return false;
    const uint32_t index = producer_[product.id];
    if (producer_[other.id] == kNone || producer_[other.id] >= index) return false;
    sum->residual = other;
    sum->reads.push_back(other);
    rename(*sum, add.out);
    return true;
  }

  bool gate(Instruction& multiply, Value activated, Value up) {
    Instruction* activation = only_reader_of<Activation>(activated);
    // No kernel gates by this one.
    if (activation == nullptr || std::get<Activation>(*activation->op).kind == ActivationKind::sigmoid)
      return false;
    multiply.gate = std::get_if<Activation>(activation->op);
    multiply.up = up;
    multiply.reads = {multiply.gate->x, up};
    activation->op = nullptr;
    producer_[activated.id] = kNone;
    return true;
  }

  void rename(Instruction& instruction, Value out) {
    producer_[out.id] = producer_[instruction.out->id];
    instruction.out = out;
  }

  const Plan& plan_;
  std::vector<Instruction> list_;
  std::vector<uint32_t> use_count_;  // by value
  std::vector<uint32_t> producer_;   // by value: an index into list_
};

}  // namespace

std::optional<Value> Instruction::in_place() const {
  if (const auto* penalties = std::get_if<Penalties>(op)) return penalties->logits;
  if (residual) return std::ranges::count(reads, *residual) == 1 ? residual : std::nullopt;
  if (gate != nullptr) return gate->x;
  if (const auto* rope = std::get_if<Rope>(op)) return rope->x;
  if (const auto* norm = std::get_if<Norm>(op)) return norm->x;
  return std::nullopt;
}

std::vector<Instruction> fuse(const Plan& plan) {
  return Fuser(plan).run();
}

}  // namespace chord::plan
