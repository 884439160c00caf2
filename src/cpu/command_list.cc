#include "cpu/command_list.h"

#include <utility>
#include <variant>

#include "cpu/activations.h"
#include "cpu/kernels/layout.h"

namespace chord::cpu {
namespace {

// What an element of the simpler ops costs, as far as it matters for deciding where a slice of a step ends.
constexpr uint64_t kElementWork = 4;
constexpr uint64_t kTranscendentalWork = 16;

kernels::Rows kernel_rows(plan::Rows rows) {
  return rows == plan::Rows::tokens ? kernels::Rows::tokens : kernels::Rows::outputs;
}

kernels::UnaryKind kernel_kind(plan::ActivationKind kind) {
  switch (kind) {
    case plan::ActivationKind::silu:
      return kernels::UnaryKind::silu;
    case plan::ActivationKind::gelu:
      return kernels::UnaryKind::gelu;
    case plan::ActivationKind::sigmoid:
      return kernels::UnaryKind::sigmoid;
  }
  std::unreachable();
}

class Emitter {
 public:
  Emitter(const plan::Plan& plan, const Placement& weights, const Addresses& addresses,
          uint32_t context_length)
      : plan_(plan),
        weights_(weights),
        addresses_(addresses),
        context_length_(context_length),
        quantized_choices_(addresses.quantized.size()) {}

  CommandList run(std::span<const plan::Instruction> instructions) && {
    for (uint32_t i = 0; i < plan_.rope_settings.size(); ++i) rope_table(i);
    for (const plan::Instruction& instruction : instructions) {
      std::visit([&](const auto& op) { emit(instruction, op); }, *instruction.op);
      if (instruction.out == plan_.embeddings) list_.end_with_embeddings = command_count();
    }
    return std::move(list_);
  }

 private:
  uint64_t at(plan::Value x) const { return addresses_.values[x.id]; }
  uint64_t at(plan::Weight w) const { return weights_.address(w); }
  uint64_t at(std::optional<plan::Value> x) const { return x ? at(*x) : 0; }
  uint64_t at(std::optional<plan::Weight> w) const { return w ? at(*w) : 0; }
  uint32_t columns(plan::Value x) const { return plan_[x].columns; }
  kernels::Rows rows(plan::Value x) const { return kernel_rows(plan_[x].rows); }

  uint32_t command_count() const { return static_cast<uint32_t>(list_.commands.size()); }

  // Appends a command whose operands the caller fills in.
  kernels::Command& append(kernels::Op op, Work work) {
    list_.work.push_back(work);
    kernels::Command& command = list_.commands.emplace_back();
    command.op = op;
    return command;
  }

  static Work per_row(plan::Rows rows, uint64_t work) {
    const bool tokens = rows == plan::Rows::tokens;
    return {.per_token = tokens ? work : 0, .per_output = tokens ? 0 : work, .per_pair = 0, .window = 0};
  }
  Work elementwise(plan::Value x, uint64_t each) const { return per_row(plan_[x].rows, each * columns(x)); }

  void rope_table(uint32_t index) {
    const plan::RopeSettings& settings = plan_.rope_settings[index];
    const auto pair_count = static_cast<uint32_t>(settings.frequencies.size());
    append(kernels::Op::rope_table, per_row(plan::Rows::tokens, 2 * kTranscendentalWork * pair_count))
        .rope_table = {.frequencies = addresses_.ropes[index].frequencies,
                       .factors = at(settings.factors_for(context_length_)),
                       .out = addresses_.ropes[index].table,
                       .pair_count = pair_count,
                       .magnitude = settings.magnitude};
  }

  void emit(const plan::Instruction&, const plan::Embed& op) {
    const plan::WeightInfo& table = plan_[op.table];
    append(kernels::Op::embed, elementwise(op.out, kElementWork)).embed = {
        .table = at(op.table),
        .out = at(op.out),
        .type = static_cast<uint32_t>(table.type),
        .columns = columns(op.out),
        .row_count = static_cast<uint32_t>(table.rows),
        .by_position = op.by == plan::EmbedBy::position ? 1U : 0U};
  }

  // fuse() leaves these out.
  void emit(const plan::Instruction&, const plan::Input&) {}

  void emit(const plan::Instruction&, const plan::Norm& op) {
    append(kernels::Op::norm, elementwise(op.x, kElementWork)).norm = {
        .x = at(op.x),
        .weight = at(op.weight),
        .bias = at(op.bias),
        .out = at(op.out),
        .rows = rows(op.x),
        .columns = columns(op.x),
        .groups = op.groups,
        .epsilon = op.epsilon,
        .layer = op.kind == plan::NormKind::layer ? 1U : 0U};
  }

  void emit(const plan::Instruction& instruction, const plan::MatMul& op) {
    const plan::WeightInfo& w = plan_[op.w];
    const uint64_t x = operand(op.x, w);
    const uint32_t choices = op.experts ? columns(*op.experts) : 1;
    append(kernels::Op::matmul, per_row(plan_[op.x].rows, w.columns * w.rows * choices)).matmul = {
        .x = x,
        .w = at(op.w),
        .out = at(instruction.out),
        .bias = at(instruction.bias),
        .residual = at(instruction.residual),
        .experts = at(op.experts),
        .expert_bytes = kernels::packed_bytes(static_cast<kernels::Type>(w.type), w.columns, w.rows),
        .rows = rows(op.x),
        .type = static_cast<uint32_t>(w.type),
        .columns = static_cast<uint32_t>(w.columns),
        .row_count = static_cast<uint32_t>(w.rows),
        .expert_count = static_cast<uint32_t>(w.experts),
        .choices = choices,
        .separate = columns(op.x) != w.columns ? 1U : 0U};
  }

  // Where a product with w finds x: itself, or its quantized copy, made for the first product that wants it
  // in as many choices.
  uint64_t operand(plan::Value x, const plan::WeightInfo& w) {
    const auto quantization = quantization_of(w);
    if (!quantization) return at(x);
    const size_t index = quantized_index(x, *quantization);
    const uint64_t copy = addresses_.quantized[index];
    const auto choices = static_cast<uint32_t>(columns(x) / w.columns);
    if (quantized_choices_[index] != choices) {
      append(kernels::Op::quantize, elementwise(x, kElementWork)).quantize = {
          .x = at(x),
          .out = copy,
          .rows = rows(x),
          .columns = static_cast<uint32_t>(w.columns),
          .choices = choices,
          .quantization = *quantization};
      quantized_choices_[index] = choices;
    }
    return copy;
  }

  void emit(const plan::Instruction&, const plan::TopK& op) {
    append(kernels::Op::top_k, elementwise(op.x, kElementWork)).top_k = {
        .x = at(op.x), .out = at(op.out), .rows = rows(op.x), .columns = columns(op.x), .count = op.count};
  }

  void emit(const plan::Instruction&, const plan::RouterWeights& op) {
    append(kernels::Op::router_weights, elementwise(op.logits, kTranscendentalWork)).router_weights = {
        .logits = at(op.logits),
        .experts = at(op.experts),
        .out = at(op.out),
        .rows = rows(op.logits),
        .columns = columns(op.logits),
        .choices = columns(op.experts),
        .normalized = op.normalized ? 1U : 0U,
        .factor = op.factor};
  }

  void emit(const plan::Instruction& instruction, const plan::WeightedSum& op) {
    append(kernels::Op::weighted_sum, elementwise(op.x, 1)).weighted_sum = {
        .x = at(op.x),
        .weights = at(op.weights),
        .residual = at(instruction.residual),
        .out = at(instruction.out),
        .rows = rows(op.x),
        .columns = columns(op.out),
        .choices = columns(op.weights)};
  }

  void emit(const plan::Instruction&, const plan::Bias& op) { add(op.x, at(op.bias), op.out, 1); }
  void emit(const plan::Instruction&, const plan::Add& op) { add(op.a, at(op.b), op.out, 0); }
  void add(plan::Value a, uint64_t b, plan::Value out, uint32_t broadcast) {
    append(kernels::Op::add, elementwise(a, kElementWork)).add = {
        .a = at(a), .b = b, .out = at(out), .rows = rows(a), .columns = columns(a), .broadcast = broadcast};
  }

  void emit(const plan::Instruction&, const plan::Activation& op) {
    unary(op.x, op.out, kernel_kind(op.kind), 0);
  }
  void emit(const plan::Instruction&, const plan::Scale& op) {
    unary(op.x, op.out, kernels::UnaryKind::scale, op.factor);
  }
  void emit(const plan::Instruction&, const plan::SoftCap& op) {
    unary(op.x, op.out, kernels::UnaryKind::soft_cap, op.cap);
  }
  void unary(plan::Value x, plan::Value out, kernels::UnaryKind kind, float parameter) {
    append(kernels::Op::unary, elementwise(x, kTranscendentalWork)).unary = {.x = at(x),
                                                                             .out = at(out),
                                                                             .rows = rows(x),
                                                                             .columns = columns(x),
                                                                             .kind = kind,
                                                                             .parameter = parameter};
  }

  void emit(const plan::Instruction& instruction, const plan::Multiply& op) {
    if (instruction.gate != nullptr) {
      append(kernels::Op::gated, elementwise(op.out, kTranscendentalWork)).gated = {
          .gate = at(instruction.gate->x),
          .up = at(instruction.up),
          .out = at(op.out),
          .rows = rows(op.out),
          .columns = columns(op.out),
          .kind = kernel_kind(instruction.gate->kind)};
    } else {
      append(kernels::Op::multiply, elementwise(op.out, kElementWork)).multiply = {
          .a = at(op.a), .b = at(op.b), .out = at(op.out), .rows = rows(op.a), .columns = columns(op.a)};
    }
  }

  void emit(const plan::Instruction&, const plan::Rope& op) {
    const plan::RopeSettings& settings = plan_.rope_settings[op.settings];
    append(kernels::Op::rope, elementwise(op.x, kElementWork)).rope = {
        .x = at(op.x),
        .out = at(op.out),
        .table = addresses_.ropes[op.settings].table,
        .head_count = columns(op.x) / settings.head_length,
        .head_length = settings.head_length,
        .pair_count = static_cast<uint32_t>(settings.frequencies.size()),
        .halves = settings.order == plan::RopeOrder::halves ? 1U : 0U};
  }

  void emit(const plan::Instruction&, const plan::StoreKv& op) {
    append(kernels::Op::store_kv, elementwise(op.k, 2 * kElementWork)).store_kv = {
        .cache = addresses_.caches[op.store.id], .k = at(op.k), .v = at(op.v)};
    list_.end_without_outputs = command_count();
  }

  void emit(const plan::Instruction&, const plan::Attention& op) {
    const plan::StoreInfo& store = plan_[op.store];
    append(kernels::Op::attention, {.per_token = 0,
                                    .per_output = 0,
                                    .per_pair = uint64_t{op.head_count} *
                                                (store.key_length + store.value_length + kTranscendentalWork),
                                    .window = op.window})
        .attention = {.cache = addresses_.caches[op.store.id],
                      .q = at(op.q),
                      .out = at(op.out),
                      .sinks = at(op.sinks),
                      .head_count = op.head_count,
                      .window = op.window,
                      .scale = op.scale,
                      .soft_cap = op.soft_cap,
                      .causal = op.causal ? 1U : 0U};
  }

  void emit(const plan::Instruction&, const plan::SelectRows& op) {
    append(kernels::Op::select_rows, elementwise(op.out, kElementWork)).select_rows = {
        .x = at(op.x), .out = at(op.out), .columns = columns(op.x)};
  }

  void emit(const plan::Instruction&, const plan::Penalties& op) {
    append(kernels::Op::penalties, elementwise(op.out, 0)).penalties = {.logits = at(op.out),
                                                                        .vocab_size = columns(op.logits)};
  }

  void emit(const plan::Instruction&, const plan::Candidates& op) {
    append(kernels::Op::candidates, elementwise(op.logits, kTranscendentalWork)).candidates = {
        .logits = at(op.logits), .mailboxes = addresses_.mailboxes, .vocab_size = columns(op.logits)};
  }

  const plan::Plan& plan_;
  const Placement& weights_;
  const Addresses& addresses_;
  uint32_t context_length_;
  std::vector<uint32_t> quantized_choices_;  // by quantized_index(); 0: there is no copy yet
  CommandList list_ = {.commands = {}, .work = {}, .end_without_outputs = 0, .end_with_embeddings = 0};
};

}  // namespace

CommandList emit(const plan::Plan& plan, std::span<const plan::Instruction> instructions,
                 const Placement& weights, const Addresses& addresses, uint32_t context_length) {
  return Emitter(plan, weights, addresses, context_length).run(instructions);
}

}  // namespace chord::cpu
