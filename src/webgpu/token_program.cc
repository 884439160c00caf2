#include "webgpu/token_program.h"

#include <algorithm>
#include <array>

#include "webgpu/chain.h"
#include "webgpu/key.h"
#include "webgpu/sizes.h"

namespace chord::webgpu {
namespace {

constexpr uint32_t kSpan = 64;  // columns that a lane takes at a time
// Enough workgroups for the attention of a token.
constexpr uint32_t kAttentionGroups = 128;

class TokenRecorder {
 public:
  TokenRecorder(const plan::Plan& plan, const Weights& weights, const plan::ExecutorOptions& options,
                const Chain& chain, Program& program)
      : plan_(plan), weights_(weights), options_(options), chain_(chain), program_(program) {}

  bool takes_all() const {
    if (options_.kv_type == plan::KvType::q8_0) return false;
    return takes(*chain_.head, false) && std::ranges::all_of(chain_.layers, [this](const Layer& layer) {
             const std::array both = {layer.gate, layer.up};
             return takes(*layer.output) && takes(*layer.down) && together(both) && together(layer.qkv) &&
                    type(*layer.gate) == type(*layer.up) && types_of(layer) <= 2 && takes_heads(layer) &&
                    layer.bias[0].has_value() == layer.bias[1].has_value() &&
                    layer.bias[0].has_value() == layer.bias[2].has_value();
           });
  }

  void run() {
    allocate();
    embed();
    begin();
    for (size_t i = 0; i < chain_.layers.size(); ++i) {
      const bool last = i + 1 == chain_.layers.size();
      record(chain_.layers[i], last ? *chain_.norm : *chain_.layers[i + 1].norm);
    }
    head();
  }

 private:
  // The bytes of a value, and their scales (to_bytes.wgsl).
  struct Bytes {
    const Buffer* bytes;
    const Buffer* scales;
    uint32_t columns;
  };

  uint32_t columns(plan::Value x) const { return plan_[x].columns; }
  const Format* type(const plan::MatMul& op) const { return weights_[op.w].format; }
  const Part& part(const plan::MatMul& op) const { return weights_[op.w].parts[0]; }

  // ---- what is recorded at all

  bool takes(const plan::MatMul& op, bool whole = true) const {
    return !type(op)->dot8.empty() && columns(op.x) % kSpan == 0 &&
           (!whole || (weights_[op.w].parts.size() == 1 && columns(op.out) % kUnit == 0));
  }

  bool together(std::span<const plan::MatMul* const> ops) const {
    return std::ranges::all_of(
        ops, [&](const plan::MatMul* op) { return takes(*op) && part(*op).buffer == part(*ops[0]).buffer; });
  }

  uint32_t types_of(const Layer& layer) const {
    const Format* const q = type(*layer.qkv[0]);
    const Format* const k = type(*layer.qkv[1]);
    const Format* const v = type(*layer.qkv[2]);
    return 1 + (k != q ? 1U : 0U) + (v != q && v != k ? 1U : 0U);
  }

  // How a token's attention is cut: `each` heads to a workgroup, which takes one of `shares` shares of the
  // keys.
  struct Cut {
    uint32_t each;
    uint32_t shares;
  };

  Cut cut(const Layer& layer) const {
    const uint32_t heads = layer.attention->head_count;
    const uint32_t group = heads / plan_[layer.attention->store].head_count;
    const uint32_t each = group % 2 == 0 && plan_[layer.attention->store].key_length <= 256 ? 2 : 1;
    return {each, std::clamp(kAttentionGroups / (heads / each), 1U, 8U)};
  }

  bool takes_heads(const Layer& layer) const {
    const plan::StoreInfo& info = plan_[layer.attention->store];
    return info.key_length % 16 == 0 && info.value_length % 8 == 0;
  }

  // ---- memory

  const Buffer& buffer(uint64_t bytes) { return program_.token_buffers.emplace_back(bytes); }

  Bytes bytes_of(uint32_t columns) {
    return {&buffer(columns), &buffer(columns / kUnit * (4 * sizeof(float))), columns};
  }

  void allocate() {
    uint64_t heads = 0;
    uint64_t shares = 0;  // in vec4s
    uint32_t gated = 0;
    bool post = false;
    for (const Layer& layer : chain_.layers) {
      uint64_t all = 0;
      for (const plan::MatMul* op : layer.qkv) all += columns(op->out);
      heads = std::max(heads, all);
      const uint64_t elements = columns(layer.attention->out) / 4 + layer.attention->head_count;
      shares = std::max(shares, elements * cut(layer).shares);
      gated = std::max(gated, columns(layer.up->out));
      post = post || layer.output_post != nullptr || layer.down_post != nullptr;
    }
    program_.token_buffers.reserve(16);
    stream_ = &buffer(columns(chain_.embed->out) * sizeof(float));
    heads_ = &buffer(heads * sizeof(float));
    shares_ = &buffer(shares * 4 * sizeof(float));
    normed_ = bytes_of(columns(chain_.embed->out));
    if (post) {
      product_ = &buffer(columns(chain_.embed->out) * sizeof(float));
      product_bytes_ = bytes_of(columns(chain_.embed->out));
    }
    gated_ = bytes_of(gated);
    matrices_ =
        &buffer((2 * chain_.layers.size() + weights_[chain_.head->w].parts.size()) * kBindingAlignment);
  }

  // ---- bindings

  static GpuBinding at(uint32_t binding, const Buffer& buffer) { return bind(binding, buffer); }
  GpuBinding at(uint32_t binding, plan::Weight w) const {
    return weights_.main(binding, weights_[w].parts[0]);
  }

  void add(const Key& key, const Bindings& bindings, uint32_t x) {
    const uint32_t pipeline = host_gpu_pipeline(key.text().data(), key.text().size());
    const uint32_t group = program_.groups.add(pipeline, bindings);
    program_.token_entries.push_back(
        {.dispatch = {.pipeline = pipeline, .group = group, .x = x, .y = 1, .z = 1},
         .rows = plan::Rows::tokens});
  }

  static void add_source(const Bytes& x, Key& key, Bindings& bindings) {
    key.file("token_bytes");
    bindings.add(at(2, *x.bytes));
    bindings.add(at(8, *x.scales));
  }

  void add_next(const Bytes& x, Key& key, Bindings& bindings) const {
    key.file("to_bytes").with("NEXT", x.columns / kUnit);
    bindings.add(at(9, *x.bytes));
    bindings.add(at(10, *x.scales));
  }

  // The buffer of several matrices, as both planes.
  void add_all_planes(const Part& part, Bindings& bindings) const {
    bindings.add(at(0, weights_.buffer(part)));
    bindings.add(at(1, weights_.buffer(part)));
  }

  // Where the planes of a part begin in it.
  static std::array<uint32_t, 2> place(const Part& part) {
    return {static_cast<uint32_t>(part.main_offset / 16), static_cast<uint32_t>(part.rest_offset / 4)};
  }

  void add_matrices(std::span<const uint32_t> words, Bindings& bindings) {
    const uint64_t offset = kBindingAlignment * matrices_count_++;
    matrices_->write(offset, words);
    bindings.add({6, matrices_->id(), offset, words.size_bytes()});
  }

  // ---- kernels

  void embed() {
    const Tensor& table = weights_[chain_.embed->table];
    const uint32_t length = columns(chain_.embed->out);
    for (const Part& part : table.parts) {
      const Key key = embed_key(program_.layout, *table.format, part, length, chain_.embed->by, chain_.scale);
      Bindings bindings = {at(2, *stream_), at(7, program_.step)};
      add_planes(weights_, *table.format, part, bindings);
      add(key, bindings, divide_up(length / kUnit, 64));
    }
  }

  void begin() {
    Key key("bytes_of token_begin");
    Bindings bindings = {at(3, *stream_), at(4, chain_.layers[0].norm->weight)};
    add_next(normed_, key, bindings);
    add(key, bindings, divide_up(normed_.columns / kUnit, 16));
  }

  void record(const Layer& layer, const plan::Norm& next) {
    record_heads(layer);
    record_attention(layer);
    record_output(layer);
    record_gate(layer);
    record_down(layer, next);
  }

  // Rows that a workgroup computes: small matrices need more workgroups to occupy the whole GPU.
  static uint32_t rows_each(uint64_t rows) { return rows >= 8192 ? 4 : rows >= 4096 ? 2 : 1; }

  void record_heads(const Layer& layer) {
    std::vector<uint32_t> words;
    uint32_t row = 0;
    uint32_t second = 0;
    const Format* format = type(*layer.qkv[0]);
    const Format* other = nullptr;
    for (size_t i = 0; i < layer.qkv.size(); ++i) {
      const Part& part = this->part(*layer.qkv[i]);
      const auto [main, rest] = place(part);
      words.insert(words.end(), {static_cast<uint32_t>(part.row_count), row, main, rest});
      row += static_cast<uint32_t>(part.row_count);
      if (type(*layer.qkv[i]) == format) continue;
      other = type(*layer.qkv[i]);
      second |= 1U << i;
    }
    const uint32_t each = rows_each(row);
    Key key = dots_key(*format, normed_.columns, each, layer.norm);
    if (other != nullptr) {
      add_second(*format, *other, key);
      key.file("token_two_types").with("SECOND", second);
    } else {
      key.file("token_one_type");
    }
    key.file("token_rows").with("BLOCK", uint64_t{8} * each);
    key.file(layer.bias[0] ? "token_bias" : "token_no_bias");
    Bindings bindings;
    add_all_planes(part(*layer.qkv[0]), bindings);
    add_source(normed_, key, bindings);
    bindings.add(at(3, *heads_));
    constexpr uint32_t kBias[] = {4, 5, 7};
    for (size_t i = 0; i < 3; ++i) {
      if (layer.bias[i]) bindings.add(at(kBias[i], *layer.bias[i]));
    }
    add_matrices(words, bindings);
    uint32_t blocks = 0;
    for (const plan::MatMul* op : layer.qkv) blocks += divide_up(part(*op).row_count, uint64_t{8} * each);
    add(key, bindings, blocks);
  }

  // The files of another type, of which those that the first has are there already.
  static void add_second(const Format& format, const Format& other, Key& key) {
    std::string_view files = other.shaders;
    while (!files.empty()) {
      const size_t end = std::min(files.find(' '), files.size());
      const std::string_view file = files.substr(0, end);
      files.remove_prefix(std::min(end + 1, files.size()));
      if (file.starts_with("int8")) {
        key.file(concat("+", file));
      } else if (!format.shaders.contains(file)) {
        key.file(file);
      }
    }
    key.file(concat("+", other.dot8)).file("+token_loop");
  }

  void record_attention(const Layer& layer) {
    const plan::Attention& op = *layer.attention;
    const plan::StoreInfo& info = plan_[op.store];
    const Store& store = program_.stores[op.store.id];
    const Cut cut = this->cut(layer);
    Key key = step_key(program_.layout, kv_files(options_));
    add_turn(plan_.rope_settings[layer.rope->settings], key);
    key.with("GROUP", op.head_count / info.head_count).with("EACH", cut.each).with("SHARES", cut.shares);
    key.with("KV_HEADS", info.head_count).with("CELLS", options_.context_length).with("WINDOW", op.window);
    key.with("KEY_LENGTH", info.key_length).with("VALUE_LENGTH", info.value_length);
    key.with("KEY_FOURTHS", info.key_length / 16);
    key.with("VALUES_EACH", divide_up(128, 256 / (info.value_length / 4)));
    key.with_float("SCALE", op.scale).file("cap").with_float("CAP", op.soft_cap).file("token_attention");
    Bindings bindings = {at(0, *heads_), at(1, program_.ropes[layer.rope->settings])};
    bindings.add({2, store.buffer.id(), 0, store.key_bytes});
    bindings.add({3, store.buffer.id(), store.value_offset, store.value_bytes});
    bindings.add(at(4, *shares_));
    bindings.add(at(7, program_.step));
    if (layer.q_norm != nullptr) {
      key.file("head_norm").with_float("EPSILON", layer.q_norm->epsilon);
      bindings.add(at(5, layer.q_norm->weight));
      bindings.add(at(6, layer.k_norm->weight));
    } else {
      key.file("no_head_norm");
    }
    add(key, bindings, op.head_count / cut.each);
    program_.token_entries.back().dispatch.z = cut.shares;
    program_.token_end_without_outputs = program_.token_entries.size();
  }

  // Adds a matrix's product, or what `post` makes of it, to the stream, for the norm that follows.
  void record_sum(const plan::MatMul& op, Key& key, Bindings& bindings, const plan::Norm* post,
                  const plan::Norm& norm) {
    key.file("token_add").with_bool("FRESH", post != nullptr);
    add_planes(weights_, *type(op), part(op), bindings);
    bindings.add(at(3, post != nullptr ? *product_ : *stream_));
    bindings.add(at(4, norm.weight));
    add_next(post != nullptr ? product_bytes_ : normed_, key, bindings);
    add(key, bindings, columns(op.out) / kUnit);
    if (post != nullptr) record_post(*post, norm);
  }

  // Adds the norm of the last product to the stream.
  void record_post(const plan::Norm& post, const plan::Norm& norm) {
    Key key("bytes_of token_post");
    key.with_float("EPSILON", post.epsilon);
    Bindings bindings = {at(2, *product_), at(3, *stream_), at(4, norm.weight), at(5, post.weight),
                         at(8, *product_bytes_.scales)};
    add_next(normed_, key, bindings);
    add(key, bindings, divide_up(normed_.columns / kUnit, 16));
  }

  void record_output(const Layer& layer) {
    const plan::MatMul& op = *layer.output;
    Key key = dots_key(*type(op), columns(op.x), 4, nullptr, /*ahead=*/true);
    key.file("token_shares").with("SHARES", cut(layer).shares);
    key.with("VALUE_LENGTH", plan_[layer.attention->store].value_length);
    Bindings bindings = {at(2, *shares_)};
    record_sum(op, key, bindings, layer.output_post, *layer.feed_norm);
  }

  void record_down(const Layer& layer, const plan::Norm& next) {
    Key key = dots_key(*type(*layer.down), gated_.columns, 4, nullptr, /*ahead=*/true);
    Bindings bindings;
    add_source(gated_, key, bindings);
    record_sum(*layer.down, key, bindings, layer.down_post, next);
  }

  void record_gate(const Layer& layer) {
    Key key = dots_key(*type(*layer.gate), normed_.columns, 4, layer.feed_norm);
    key.file(activation_file(layer.activation)).file("token_gate");
    Bindings bindings;
    add_all_planes(part(*layer.gate), bindings);
    add_source(normed_, key, bindings);
    add_next(gated_, key, bindings);
    const auto [gate_main, gate_rest] = place(part(*layer.gate));
    const auto [up_main, up_rest] = place(part(*layer.up));
    add_matrices(std::array{gate_main, gate_rest, up_main, up_rest}, bindings);
    add(key, bindings, columns(layer.up->out) / kUnit);
  }

  void head() {
    constexpr uint32_t kEach = 4;
    for (const Part& part : weights_[chain_.head->w].parts) {
      Key key = dots_key(*type(*chain_.head), normed_.columns, kEach, chain_.norm);
      if (chain_.soft_cap != 0) key.file("cap").with_float("CAP", chain_.soft_cap);
      key.file("no_bias").file(chain_.soft_cap != 0 ? "capped" : "no_residual").file("shape matvec_dot8");
      Bindings bindings = {at(3, *program_.logits)};
      add_planes(weights_, *type(*chain_.head), part, bindings);
      add_source(normed_, key, bindings);
      const auto rows = static_cast<uint32_t>(part.row_count);
      add_matrices(std::array{rows, static_cast<uint32_t>(part.first_row), 0U, 0U}, bindings);
      add(key, bindings, divide_up(part.row_count, uint64_t{8} * kEach));
    }
  }

  const plan::Plan& plan_;
  const Weights& weights_;
  const plan::ExecutorOptions& options_;
  const Chain& chain_;
  Program& program_;

  const Buffer* stream_ = nullptr;
  const Buffer* heads_ = nullptr;   // queries, keys and values of one layer
  const Buffer* shares_ = nullptr;  // of its attention
  Bytes normed_{};
  Bytes gated_{};
  const Buffer* product_ = nullptr;  // of a matrix, for a norm behind it
  Bytes product_bytes_{};
  const Buffer* matrices_ = nullptr;  // where they lie, for the kernels
  size_t matrices_count_ = 0;
};

}  // namespace

Key dots_key(const Format& format, uint32_t columns, uint32_t each, const plan::Norm* norm, bool ahead) {
  Key key("planes spans");
  key.file(format.shaders)
      .file(format.dot8)
      .file("bytes_of token_dots token_loop")
      .with("COLUMNS", columns)
      .with("EACH", each);
  key.with_bool("NORMED", norm != nullptr).with_bool("AHEAD", ahead);
  return key.with_float("EPSILON", norm != nullptr ? norm->epsilon : 0);
}

bool has_dot8(const GpuLimits& limits) {
  return limits.dot8 != 0 && limits.software == 0;
}

Result<void> record_token(const plan::Plan& plan, const Weights& weights, const GpuLimits& limits,
                          const plan::ExecutorOptions& options, Program& program) {
  if (!has_dot8(limits)) return {};
  const auto chain = find_chain(plan);
  if (!chain) return {};
  TokenRecorder recorder(plan, weights, options, *chain, program);
  if (recorder.takes_all()) recorder.run();
  return {};
}

}  // namespace chord::webgpu
