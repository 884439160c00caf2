#include "webgpu/kernel.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "plan/operands.h"

namespace chord::webgpu {
namespace {

class Fuser {
 public:
  Fuser(const plan::Plan& plan, bool fuses_ropes,
        const std::function<bool(const plan::MatMul&)>& takes_source)
      : plan_(plan), fuses_ropes_(fuses_ropes), takes_source_(takes_source) {}

  std::vector<Kernel> run() && {
    for (plan::Instruction& instruction : plan::fuse(plan_)) {
      kernels_.push_back({.instruction = std::move(instruction)});
    }
    for (size_t i = 0; i < kernels_.size(); ++i) {
      const plan::Op* op = kernels_[i].instruction.op;
      if (op == nullptr) continue;
      if (const auto* norm = std::get_if<plan::Norm>(op)) absorb(i, *norm);
      if (const auto* activation = std::get_if<plan::Activation>(op)) absorb(i, *activation);
      if (std::holds_alternative<plan::Multiply>(*op) && kernels_[i].instruction.gate != nullptr)
        absorb_gate(i);
      if (const auto* store = std::get_if<plan::StoreKv>(op); store && fuses_ropes_ && i >= 2)
        absorb_ropes(i, *store);
    }
    std::erase_if(kernels_, [](const Kernel& kernel) { return kernel.instruction.op == nullptr; });
    return std::move(kernels_);
  }

 private:
  // The matmuls that read x; none if anything else does, or one of them cannot make its own source.
  std::vector<Kernel*> matmuls_of(plan::Value x) {
    std::vector<Kernel*> readers;
    if (x == plan_.logits || x == plan_.embeddings) return {};
    for (Kernel& kernel : kernels_) {
      if (kernel.instruction.op == nullptr || std::ranges::count(kernel.instruction.reads, x) == 0) continue;
      const auto* matmul = std::get_if<plan::MatMul>(kernel.instruction.op);
      if (matmul == nullptr || matmul->x != x || kernel.instruction.residual == x || !takes_source_(*matmul))
        return {};
      readers.push_back(&kernel);
    }
    return readers;
  }

  void absorb(size_t index, const plan::Norm& norm) {
    if (norm.kind != plan::NormKind::rms || norm.bias || norm.groups != 1) return;
    for (Kernel* reader : matmuls_of(norm.out)) {
      reader->norm = &norm;
      std::ranges::replace(reader->instruction.reads, norm.out, norm.x);
      kernels_[index].instruction.op = nullptr;
    }
  }

  void absorb(size_t index, const plan::Activation& activation) {
    for (Kernel* reader : matmuls_of(activation.out)) {
      reader->gate = &activation;
      std::ranges::replace(reader->instruction.reads, activation.out, activation.x);
      kernels_[index].instruction.op = nullptr;
    }
  }

  void absorb_gate(size_t index) {
    const plan::Instruction multiply = kernels_[index].instruction;
    for (Kernel* reader : matmuls_of(*multiply.out)) {
      reader->gate = multiply.gate;
      reader->up = multiply.up;
      std::ranges::replace(reader->instruction.reads, *multiply.out, multiply.up);
      reader->instruction.reads.push_back(multiply.gate->x);
      kernels_[index].instruction.op = nullptr;
    }
  }

  // Ropes of queries and keys, in this order, right before the store.
  void absorb_ropes(size_t index, const plan::StoreKv& store) {
    const plan::Op* first = kernels_[index - 2].instruction.op;
    const plan::Op* second = kernels_[index - 1].instruction.op;
    if (first == nullptr || second == nullptr) return;
    const auto* q = std::get_if<plan::Rope>(first);
    const auto* k = std::get_if<plan::Rope>(second);
    if (q == nullptr || k == nullptr || k->out != store.k || q->settings != k->settings) return;
    const auto readers = std::ranges::count_if(kernels_, [k](const Kernel& kernel) {
      return kernel.instruction.op != nullptr && std::ranges::count(kernel.instruction.reads, k->out) != 0;
    });
    if (readers != 1) return;
    Kernel& kernel = kernels_[index];
    kernel.q_rope = q;
    kernel.k_rope = k;
    kernel.instruction.reads = {q->x, k->x, store.v};
    kernel.instruction.out = q->out;
    kernels_[index - 2].instruction.op = nullptr;
    kernels_[index - 1].instruction.op = nullptr;
  }

  const plan::Plan& plan_;
  bool fuses_ropes_;
  const std::function<bool(const plan::MatMul&)>& takes_source_;
  std::vector<Kernel> kernels_;
};

}  // namespace

std::vector<Kernel> fuse_kernels(const plan::Plan& plan, bool fuses_ropes,
                                 const std::function<bool(const plan::MatMul&)>& takes_source) {
  return Fuser(plan, fuses_ropes, takes_source).run();
}

}  // namespace chord::webgpu
