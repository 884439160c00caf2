#include "webgpu/program.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "plan/operands.h"
#include "webgpu/activations.h"
#include "webgpu/kernel.h"
#include "webgpu/key.h"
#include "webgpu/sizes.h"
#include "webgpu/stores.h"
#include "webgpu/token_program.h"

namespace chord::webgpu {
namespace {

// Logits that one workgroup looks through.
constexpr uint32_t kChunk = 1024;
// Rows and tokens of a workgroup of matmul.wgsl and matmul_dot8.wgsl, and tokens of attention_rows.wgsl.
constexpr uint32_t kTile = 64;
// Tokens of a workgroup of matmul_matrix.wgsl, which has as many rows as the others.
constexpr uint32_t kMatrixTokens = 128;

// Room for a repetition window of the usual length in every output row.
constexpr uint64_t kUsualPairs = 1024;

class Recorder {
 public:
  Recorder(const plan::Plan& plan, const Weights& weights, const GpuLimits& limits,
           const plan::ExecutorOptions& options, Program& program)
      : plan_(plan), weights_(weights), limits_(limits), options_(options), program_(program) {}

  Result<void> run() {
    for (const plan::Op& op : plan_.ops) {
      if (const auto* input = std::get_if<plan::Input>(&op)) return refuse(*input);
    }
    const std::vector<Kernel> kernels =
        fuse_kernels(plan_, !is_q8(), [this](const plan::MatMul& op) { return uses_dot8(op); });
    CHORD_CHECK(allocate(kernels));
    for (const Kernel& kernel : kernels) {
      CHORD_CHECK(std::visit([&](const auto& op) { return record(kernel, op); }, *kernel.instruction.op));
      if (plan_.embeddings && kernel.instruction.out == plan_.embeddings)
        program_.end_of_embeddings = program_.entries.size();
    }
    if (program_.end_without_sampling == 0) program_.end_without_sampling = program_.entries.size();
    return record_token(plan_, weights_, limits_, options_, program_);
  }

 private:
  // ---- memory

  Result<Buffer> buffer(std::string_view what, uint64_t bytes) const {
    return make_buffer(limits_, what, bytes);
  }

  Result<void> allocate(std::span<const Kernel> kernels) {
    program_.step = Buffer(program_.layout.words * sizeof(uint32_t));
    program_.shapes = Buffer(count_shapes(kernels) * kBindingAlignment);
    program_.pairs = Buffer(kUsualPairs * 2 * sizeof(uint32_t));
    Activations activations = lay_out(plan_, kernels, options_);
    slot_of_value_ = std::move(activations.slots);
    program_.slots.reserve(activations.bytes.size());
    for (const uint64_t bytes : activations.bytes) {
      CHORD_ASSIGN(Buffer slot, buffer("activations", bytes));
      program_.slots.push_back(std::move(slot));
    }
    CHORD_CHECK(allocate_stores(plan_, weights_, limits_, options_, program_));
    CHORD_CHECK(allocate_operands());
    if (plan_.embeddings) program_.embeddings = &program_.slots[slot_of_value_[plan_.embeddings->id]];
    if (plan_.logits) {
      program_.logits = &program_.slots[slot_of_value_[plan_.logits->id]];
      const uint64_t chunks = divide_up(plan_[*plan_.logits].columns, kChunk);
      CHORD_ASSIGN(program_.lists,
                   buffer("lists of candidates",
                          options_.max_outputs * chunks * plan::kMaxCandidates * sizeof(Mailbox::Entry)));
      program_.sums = Buffer(options_.max_outputs * chunks * 2 * sizeof(float));
      program_.mailboxes = Buffer(options_.max_outputs * sizeof(Mailbox));
      program_.found = Buffer(Program::kKept * sizeof(Mailbox));
    }
    return {};
  }

  size_t count_shapes(std::span<const Kernel> kernels) const {
    size_t count = 0;
    for (const Kernel& kernel : kernels) {
      if (const auto* op = std::get_if<plan::MatMul>(kernel.instruction.op))
        count += weights_[op->w].parts.size();
    }
    return count;
  }

  // Bytes and scales of the widest operand that is quantized, or halves of both operands; products share
  // them.
  Result<void> allocate_operands() {
    uint64_t widest = 0;
    uint64_t widest_halves = 0;
    uint64_t largest = 0;
    for (const plan::Op& op : plan_.ops) {
      const auto* matmul = std::get_if<plan::MatMul>(&op);
      if (matmul == nullptr) continue;
      const uint64_t length = columns(matmul->x);
      if (uses_matrices(*matmul)) {
        widest_halves = std::max(widest_halves, length);
        largest = std::max(largest, expanded_bytes(*matmul));
      } else if (uses_dot8(*matmul)) {
        widest = std::max(widest, length);
      }
    }
    if (widest != 0) {
      CHORD_ASSIGN(program_.quants, buffer("quantized activations", options_.max_tokens * widest));
      program_.quant_scales = Buffer(options_.max_tokens * widest / 4);
    }
    if (widest_halves != 0) {
      const uint64_t rows = uint64_t{divide_up(options_.max_tokens, kMatrixTokens)} * kMatrixTokens;
      CHORD_ASSIGN(program_.halves, buffer("activations", rows * widest_halves * 2));
      program_.expanded = Buffer(largest);
    }
    return {};
  }

  // ---- bindings

  static GpuBinding at(uint32_t binding, const Buffer& buffer) { return bind(binding, buffer); }
  GpuBinding at(uint32_t binding, plan::Value x) const {
    return at(binding, program_.slots[slot_of_value_[x.id]]);
  }
  GpuBinding at(uint32_t binding, plan::Weight w) const {
    return weights_.main(binding, weights_[w].parts[0]);
  }
  GpuBinding step() const { return at(7, program_.step); }
  uint32_t columns(plan::Value x) const { return plan_[x].columns; }

  void add(const Key& key, std::span<const GpuBinding> bindings, uint32_t x, plan::Rows rows) {
    const uint32_t pipeline = host_gpu_pipeline(key.text().data(), key.text().size());
    const uint32_t group = program_.groups.add(pipeline, bindings);
    program_.entries.push_back({{.pipeline = pipeline, .group = group, .x = x, .y = 1, .z = 1}, rows});
  }
  void add(const Key& key, std::initializer_list<GpuBinding> bindings, uint32_t x, plan::Rows rows) {
    add(key, std::span(bindings.begin(), bindings.size()), x, rows);
  }

  void bind_part(Bindings& bindings, const plan::MatMul& op, const Part& part) const {
    add_planes(weights_, *weights_[op.w].format, part, bindings);
  }

  Key step_key(std::string_view files) const { return webgpu::step_key(program_.layout, files); }

  template <class Op>
  static Result<void> refuse(const Op& op) {
    return fail(ErrorCode::unsupported_architecture, "the GPU has no kernel for this use of the op ",
                plan::name(plan::Op(op)));
  }

  // ---- ops

  template <class Op>
  Result<void> record(const Kernel&, const Op& op) {
    return refuse(op);
  }

  Result<void> record(const Kernel&, const plan::Embed& op) {
    const Tensor& table = weights_[op.table];
    for (const Part& part : table.parts) {
      Bindings bindings = {at(2, op.out), step()};
      add_planes(weights_, *table.format, part, bindings);
      add(embed_key(program_.layout, *table.format, part, columns(op.out), op.by), bindings,
          divide_up(columns(op.out) / 32, 64), plan::Rows::tokens);
    }
    return {};
  }

  Result<void> record(const Kernel&, const plan::Norm& op) {
    Key key(op.bias ? "bias norm" : "no_bias norm");
    key.with("LENGTH", columns(op.x) / op.groups).with("GROUPS", op.groups).with_float("EPSILON", op.epsilon);
    key.with_bool("CENTERED", op.kind == plan::NormKind::layer);
    Bindings bindings = {at(0, op.x), at(1, op.weight), at(2, op.out)};
    if (op.bias) bindings.add(at(4, *op.bias));
    add(key, bindings, op.groups, plan_[op.x].rows);
    return {};
  }

  bool uses_dot8(const plan::MatMul& op) const {
    return has_dot8(limits_) && !weights_[op.w].format->dot8.empty() && columns(op.x) % 64 == 0;
  }

  // Of the largest part of the matrix as halves, whole tiles.
  uint64_t expanded_bytes(const plan::MatMul& op) const {
    const uint64_t rows = uint64_t{divide_up(weights_[op.w].parts[0].row_count, kTile)} * kTile;
    return rows * columns(op.x) * 2;
  }
  bool uses_matrices(const plan::MatMul& op) const {
    return limits_.matrices != 0 && plan_[op.x].rows == plan::Rows::tokens &&
           expanded_bytes(op) <= limits_.max_binding_bytes;
  }

  // The kernel for one row of x; returns how many rows of the matrix a workgroup computes.
  uint32_t add_matvec(const plan::MatMul& op, Key& key) const {
    if (limits_.software != 0) {
      key.file("matvec_serial");
      return 64;
    }
    const uint32_t lanes = std::bit_floor(std::clamp(columns(op.x) / 32, 4U, 32U));
    constexpr uint32_t kRowsEach = 2;
    key.file("matvec").with("LANES", lanes).with("ROWS_EACH", kRowsEach);
    return 256 / lanes * kRowsEach;
  }

  // The file with load() of the values that x is made of.
  static void add_source(const Kernel& kernel, Key& key) {
    if (kernel.norm != nullptr) {
      key.file("from_norm").with_float("EPSILON", kernel.norm->epsilon);
      return;
    }
    key.file(kernel.up ? "from_gate" : "from_value");
    key.file(kernel.gate != nullptr ? activation_file(kernel.gate->kind) : "identity");
  }
  void bind_source(const Kernel& kernel, const plan::MatMul& op, Bindings& bindings) const {
    bindings.add(at(2, kernel.norm != nullptr   ? kernel.norm->x
                       : kernel.gate != nullptr ? kernel.gate->x
                                                : op.x));
    if (kernel.norm != nullptr) bindings.add(at(8, kernel.norm->weight));
    if (kernel.up) bindings.add(at(8, *kernel.up));
  }

  // Makes bytes or halves of the rows of x, unless they are there.
  void convert(const Kernel& kernel, const plan::MatMul& op, bool halves, Program::Entry::Use use) {
    uint32_t& made = converted_[halves ? 1 : 0];
    if (made == op.x.id) return;
    made = op.x.id;
    Key key(halves ? "row_factor halves halve" : "row_factor quantize");
    add_source(kernel, key);
    key.with("COLUMNS", columns(op.x));
    Bindings bindings;
    bind_source(kernel, op, bindings);
    bindings.add(at(3, halves ? program_.halves : program_.quants));
    if (!halves) bindings.add(at(4, program_.quant_scales));
    add(key, bindings, 1, plan_[op.x].rows);
    program_.entries.back().use = use;
  }

  Result<void> record(const Kernel& kernel, const plan::MatMul& op) {
    if (op.experts) return refuse(op);
    using Use = Program::Entry::Use;
    const Format& format = *weights_[op.w].format;
    const bool dot8 = uses_dot8(op);
    if (dot8) convert(kernel, op, false, uses_matrices(op) ? Use::one_row : Use::always);
    for (const Part& part : weights_[op.w].parts) {
      const GpuBinding shape = bind_shape(part, columns(*kernel.instruction.out));
      Key key = dot8 ? dots_key(format, columns(op.x), 4, nullptr) : decode_key(format);
      Bindings bindings = {shape};
      bind_part(bindings, op, part);
      uint32_t rows_of_group = 8 * 4;
      if (dot8) {
        key.file("token_bytes matvec_dot8");
        bindings.add(at(2, program_.quants));
        bindings.add(at(8, program_.quant_scales));
      } else {
        rows_of_group = add_matvec(op, key.with("COLUMNS", columns(op.x)));
        bindings.add(at(2, op.x));
      }
      add_product(kernel, op, part, key, bindings, rows_of_group);
      if (limits_.software != 0) continue;
      program_.entries.back().use = Use::one_row;
      record_tiled(kernel, op, part, shape);
    }
    return {};
  }

  // The product of more rows.
  void record_tiled(const Kernel& kernel, const plan::MatMul& op, const Part& part, const GpuBinding& shape) {
    const Format& format = *weights_[op.w].format;
    Bindings bindings = {shape, step()};
    const bool dot8 = !uses_matrices(op) && uses_dot8(op);
    Key key = uses_matrices(op) ? Key("matmul_matrix") : dot8 ? Key(format.shaders) : decode_key(format);
    key = webgpu::step_key(program_.layout, key);
    uint32_t tokens = kTile;
    if (uses_matrices(op)) {
      convert(kernel, op, true, Program::Entry::Use::more_rows);
      expand(op, part, shape);
      tokens = kMatrixTokens;
      bindings.add(at(0, program_.expanded));
      bindings.add(at(2, program_.halves));
    } else {
      bind_part(bindings, op, part);
      key.file(dot8 ? "planes matmul_dot8" : "matmul");
      bindings.add(dot8 ? at(2, program_.quants) : at(2, op.x));
      if (dot8) bindings.add(at(8, program_.quant_scales));
    }
    key.with("TOKEN_COUNT_AT",
             plan_[op.x].rows == plan::Rows::tokens ? StepLayout::kTokenCount : StepLayout::kOutputCount);
    key.with("COLUMNS", columns(op.x));
    add_product(kernel, op, part, key, bindings, kTile);
    program_.entries.back().use = Program::Entry::Use::more_rows;
    program_.entries.back().rows_each = tokens;
  }

  // Makes halves of a part of a matrix.
  void expand(const plan::MatMul& op, const Part& part, const GpuBinding& shape) {
    Key key = decode_key(*weights_[op.w].format);
    key.file("shape halves expand").with("COLUMNS", columns(op.x));
    Bindings bindings = {shape, at(3, program_.expanded)};
    bind_part(bindings, op, part);
    const uint64_t units = uint64_t{divide_up(part.row_count, 16)} * 16 * columns(op.x) / 32;
    add(key, bindings, divide_up(units, 256), plan::Rows::tokens);
    program_.entries.back().use = Program::Entry::Use::more_rows;
    program_.entries.back().rows_each = Program::kWhole;
  }

  // What the kernels of products have in common: out, bias and residual.
  void add_product(const Kernel& kernel, const plan::MatMul& op, const Part& part, Key& key,
                   Bindings bindings, uint32_t rows_of_group) {
    const plan::Instruction& instruction = kernel.instruction;
    key.file(instruction.bias ? "bias" : "no_bias").file(instruction.residual ? "residual" : "no_residual");
    key.file("shape");
    bindings.add(at(3, *instruction.out));
    if (instruction.bias) bindings.add(at(4, *instruction.bias));
    if (instruction.residual) bindings.add(at(5, *instruction.residual));
    add(key, bindings, divide_up(part.row_count, rows_of_group), plan_[op.x].rows);
  }

  // struct Shape of shape.wgsl
  GpuBinding bind_shape(const Part& part, uint32_t stride) {
    const uint32_t shape[] = {static_cast<uint32_t>(part.row_count), static_cast<uint32_t>(part.first_row),
                              stride, 0};
    const uint64_t offset = kBindingAlignment * shape_count_++;
    program_.shapes.write(offset, std::span<const uint32_t>(shape));
    return {6, program_.shapes.id(), offset, sizeof shape};
  }

  // combined(a, b) of each element (pointwise.wgsl). b: a value of the same shape, or a row.
  template <class Operand>
  Result<void> pointwise(Key key, plan::Value a, Operand b, plan::Value out) {
    key.file("pointwise").with("COLUMNS", columns(out));
    key.with_bool("ROW", std::is_same_v<Operand, plan::Weight>);
    add(key, {at(0, a), at(1, b), at(2, out)}, divide_up(columns(out), 256), plan_[out].rows);
    return {};
  }

  Result<void> record(const Kernel&, const plan::Add& op) {
    return pointwise(Key("sum"), op.a, op.b, op.out);
  }
  Result<void> record(const Kernel&, const plan::Bias& op) {
    return pointwise(Key("sum"), op.x, op.bias, op.out);
  }
  Result<void> record(const Kernel&, const plan::Activation& op) {
    return pointwise(Key(activation_file(op.kind)).file("alone"), op.x, op.x, op.out);
  }
  Result<void> record(const Kernel&, const plan::Scale& op) {
    return pointwise(Key("scale alone").with_float("FACTOR", op.factor), op.x, op.x, op.out);
  }
  Result<void> record(const Kernel&, const plan::SoftCap& op) {
    return pointwise(Key("cap soft_cap alone").with_float("CAP", op.cap), op.x, op.x, op.out);
  }
  Result<void> record(const Kernel& kernel, const plan::Multiply& op) {
    const plan::Instruction& instruction = kernel.instruction;
    if (instruction.gate == nullptr) return pointwise(Key("identity gated"), op.a, op.b, op.out);
    return pointwise(Key(activation_file(instruction.gate->kind)).file("gated"), instruction.gate->x,
                     instruction.up, op.out);
  }

  Result<void> record(const Kernel&, const plan::Rope& op) {
    const plan::RopeSettings& settings = plan_.rope_settings[op.settings];
    Key key = step_key("rope");
    key.with("HEADS", columns(op.x) / settings.head_length).with("HEAD_LENGTH", settings.head_length);
    add_turn(settings, key);
    add(key, {at(0, op.x), at(1, program_.ropes[op.settings]), at(2, op.out), step()},
        divide_up(columns(op.x), 64), plan::Rows::tokens);
    return {};
  }

  std::string_view kv_files() const { return webgpu::kv_files(options_); }
  bool is_q8() const { return options_.kv_type == plan::KvType::q8_0; }

  static GpuBinding keys(uint32_t binding, const Store& store) {
    return {binding, store.buffer.id(), 0, store.key_bytes};
  }
  static GpuBinding values(uint32_t binding, const Store& store) {
    return {binding, store.buffer.id(), store.value_offset, store.value_bytes};
  }

  Result<void> record(const Kernel& kernel, const plan::StoreKv& op) {
    const plan::StoreInfo& info = plan_[op.store];
    const Store& store = program_.stores[op.store.id];
    Key key = step_key(kv_files());
    key.with("HEADS", info.head_count).with("CELLS", options_.context_length);
    key.with("KEY_LENGTH", info.key_length).with("VALUE_LENGTH", info.value_length);
    uint64_t work = uint64_t{info.head_count} * (info.key_length + info.value_length) / 4;
    if (kernel.q_rope == nullptr) {
      key.file(is_q8() ? "store_q8" : "store_kv");
      add(key, {at(0, op.k), at(1, op.v), keys(2, store), values(3, store), step()},
          divide_up(work, is_q8() ? 1024 : 64), plan::Rows::tokens);
    } else {
      const plan::Rope& q = *kernel.q_rope;
      work += columns(q.x) / 4;
      add_turn(plan_.rope_settings[q.settings], key);
      key.file("rope_store").with("Q_HEADS", columns(q.x) / info.key_length);
      add(key,
          {at(0, q.x), at(1, kernel.k_rope->x), at(2, op.v), at(3, program_.ropes[q.settings]), at(4, q.out),
           keys(5, store), values(6, store), step()},
          divide_up(work, 64), plan::Rows::tokens);
    }
    program_.end_without_outputs = program_.entries.size();
    return {};
  }

  Result<void> record(const Kernel&, const plan::Attention& op) {
    using Use = Program::Entry::Use;
    const plan::StoreInfo& info = plan_[op.store];
    const Store& store = program_.stores[op.store.id];
    const uint32_t splits = divide_up(options_.context_length, Program::kSplit);
    const auto key_of = [&](std::string_view file) {
      Key key = step_key(kv_files());
      key.file(file).with("HEADS", op.head_count).with("KV_HEADS", info.head_count);
      key.with("CELLS", options_.context_length).with("KEY_LENGTH", info.key_length);
      key.with("VALUE_LENGTH", info.value_length).with("WINDOW", op.window).with_float("SCALE", op.scale);
      return key.file("cap").with_float("CAP", op.soft_cap);
    };
    const auto add_sinks = [&](Key& key, Bindings& bindings) {
      key.file(op.sinks ? "sinks" : "no_sinks");
      if (op.sinks) bindings.add(at(5, *op.sinks));
    };
    Key rows = key_of("attention_rows");
    rows.with("TOKEN_COUNT_AT", StepLayout::kTokenCount).with_bool("CAUSAL", op.causal);
    Bindings bindings = {at(0, op.q), keys(1, store), values(2, store), at(3, op.out), step()};
    add_sinks(rows, bindings);
    add(rows, bindings, op.head_count, plan::Rows::tokens);
    program_.entries.back().use = Use::more_rows;
    program_.entries.back().rows_each = kTile;

    const GpuBinding sums = at(0, program_.split_sums);
    const GpuBinding totals = at(0, program_.split_totals);
    add(key_of("attention").with("SPLIT", Program::kSplit).with("SPLITS", splits),
        {at(0, op.q), keys(1, store), values(2, store), moved(3, sums), moved(4, totals), step()},
        op.head_count, plan::Rows::tokens);
    program_.entries.back().use = Use::one_row;
    program_.entries.back().per_split = true;
    Key merge = step_key("attention_merge");
    merge.with("HEADS", op.head_count).with("VALUE_LENGTH", info.value_length);
    merge.with("SPLIT", Program::kSplit).with("SPLITS", splits);
    Bindings merged = {sums, moved(1, totals), at(2, op.out), step()};
    add_sinks(merge, merged);
    add(merge, merged, divide_up(uint64_t{op.head_count} * info.value_length / 4, 64), plan::Rows::tokens);
    program_.entries.back().use = Use::one_row;
    return {};
  }

  static GpuBinding moved(uint32_t number, GpuBinding binding) {
    binding.binding = number;
    return binding;
  }

  Result<void> record(const Kernel&, const plan::SelectRows& op) {
    if (columns(op.x) % 4 != 0) return refuse(op);
    Key key = step_key("select_rows");
    key.with("COLUMNS", columns(op.x));
    add(key, {at(0, op.x), at(1, op.out), step()}, divide_up(columns(op.x) / 4, 64), plan::Rows::outputs);
    return {};
  }

  Result<void> record(const Kernel&, const plan::Penalties& op) {
    program_.end_without_sampling = program_.entries.size();
    Key key = step_key("penalties");
    key.with("VOCAB", columns(op.logits));
    add_with_pairs(key, {at(0, op.logits), at(1, program_.pairs), step()}, 1);
    program_.entries.back().use = Program::Entry::Use::pairs;
    return {};
  }

  // pairs: which of the bindings that is
  void add_with_pairs(const Key& key, std::initializer_list<GpuBinding> bindings, size_t pairs) {
    program_.pairs_users.push_back({program_.entries.size(), bindings, pairs});
    add(key, bindings, 1, plan::Rows::outputs);
  }

  Result<void> record(const Kernel&, const plan::Candidates& op) {
    const uint32_t vocab = columns(op.logits);
    const uint32_t chunks = divide_up(vocab, kChunk);
    const auto key = [&](std::string_view files, uint32_t entries) {
      Key made = step_key(files);
      made.with("VOCAB", vocab).with("CHUNK", kChunk).with("CHUNKS", chunks).with("ENTRIES", entries);
      return made.with("MOST", plan::kMaxCandidates);
    };
    add(key("multiply_high order sort noise chunk_candidates", kChunk),
        {at(0, op.logits), at(1, program_.lists), at(2, program_.sums), step()}, chunks, plan::Rows::outputs);
    add(key("order sort candidates", 2 * plan::kMaxCandidates),
        {at(0, op.logits), at(1, program_.lists), at(2, program_.sums), at(3, program_.mailboxes), step()}, 1,
        plan::Rows::outputs);
    Key advance("multiply_high order noise advance");
    advance.with("TOKENS_AT", program_.layout.tokens).with("SAMPLING_AT", program_.layout.sampling);
    advance.with("DRAW_AT", program_.layout.draw).with("AHEAD", Program::kKept);
    add_with_pairs(
        advance,
        {at(0, program_.mailboxes), at(1, program_.step), at(2, program_.found), at(3, program_.pairs)}, 3);
    program_.entries.back().use = Program::Entry::Use::ahead;
    return {};
  }

  const plan::Plan& plan_;
  const Weights& weights_;
  const GpuLimits& limits_;
  const plan::ExecutorOptions& options_;
  Program& program_;
  std::vector<uint32_t> slot_of_value_;
  size_t shape_count_ = 0;
  // The value whose bytes program_.quants holds, or whose halves program_.halves does.
  std::array<uint32_t, 2> converted_ = {UINT32_MAX, UINT32_MAX};  // whose bytes, and whose halves, there are
};

}  // namespace

void Program::reserve_pairs(uint64_t bytes) {
  if (bytes <= pairs.bytes()) return;
  pairs = Buffer(bytes);
  for (PairsUser& user : pairs_users) {
    user.bindings[user.pairs].buffer = pairs.id();
    user.bindings[user.pairs].size = pairs.bytes();
    GpuDispatch& dispatch = entries[user.entry].dispatch;
    dispatch.group = groups.add(dispatch.pipeline, user.bindings);
  }
}

Result<void> record(const plan::Plan& plan, const Weights& weights, const GpuLimits& limits,
                    const plan::ExecutorOptions& options, Program& program) {
  return Recorder(plan, weights, limits, options, program).run();
}

}  // namespace chord::webgpu
