#include "webgpu/chain.h"

#include <variant>

namespace chord::webgpu {
namespace {

class Reader {
 public:
  explicit Reader(const plan::Plan& plan) : plan_(plan) {}

  std::optional<Chain> run() && {
    Chain chain{};
    chain.embed = take<plan::Embed>();
    if (chain.embed == nullptr) return std::nullopt;
    stream_ = chain.embed->out;
    if (const auto* scale = take<plan::Scale>()) {
      if (scale->x != stream_) return std::nullopt;
      chain.scale = scale->factor;
      stream_ = scale->out;
    }
    while ((chain.norm = norm()) != nullptr) {
      const auto* first = take<plan::MatMul>();
      if (!reads(first, chain.norm->out)) return std::nullopt;
      plan::Value logits = first->out;
      if (const auto* cap = take<plan::SoftCap>()) {
        if (cap->x != logits) return std::nullopt;
        chain.soft_cap = cap->cap;
        logits = cap->out;
      }
      if (logits == plan_.logits) {
        chain.head = first;
        return chain.layers.empty() ? std::nullopt : std::optional(std::move(chain));
      }
      auto layer = read(chain.norm, first);
      if (!layer) return std::nullopt;
      chain.layers.push_back(*layer);
    }
    return std::nullopt;
  }

 private:
  // The next op, if it is a T.
  template <class T>
  const T* take() {
    const T* op = next_ < plan_.ops.size() ? std::get_if<T>(&plan_.ops[next_]) : nullptr;
    if (op != nullptr) ++next_;
    return op;
  }

  static bool reads(const plan::MatMul* op, plan::Value x) {
    return op != nullptr && op->x == x && !op->experts;
  }

  static bool is_whole(const plan::Norm* op, plan::Value x) {
    return op != nullptr && op->kind == plan::NormKind::rms && !op->bias && op->groups == 1 && op->x == x;
  }

  // RMS norm of the stream
  const plan::Norm* norm() {
    const auto* op = take<plan::Norm>();
    return is_whole(op, stream_) ? op : nullptr;
  }

  static const plan::Norm* head_norm(const plan::Norm* op, plan::Value x) {
    return op != nullptr && op->kind == plan::NormKind::rms && op->x == x ? op : nullptr;
  }

  // Adds the product to the stream, or what a norm makes of it.
  bool add(plan::Value product, const plan::Norm*& post) {
    post = take<plan::Norm>();
    if (post != nullptr) {
      if (!is_whole(post, product)) return false;
      product = post->out;
    }
    const auto* op = take<plan::Add>();
    if (op == nullptr || op->a != stream_ || op->b != product) return false;
    stream_ = op->out;
    return true;
  }

  std::optional<Layer> read(const plan::Norm* norm, const plan::MatMul* first) {
    Layer layer{};
    layer.norm = norm;
    std::array<plan::Value, 3> qkv;
    for (size_t i = 0; i < 3; ++i) {
      layer.qkv[i] = i == 0 ? first : take<plan::MatMul>();
      if (!reads(layer.qkv[i], norm->out)) return std::nullopt;
      qkv[i] = layer.qkv[i]->out;
      if (const auto* bias = take<plan::Bias>()) {
        if (bias->x != qkv[i]) return std::nullopt;
        layer.bias[i] = bias->bias;
        qkv[i] = bias->out;
      }
    }
    if (!heads(layer, qkv) || !attention(layer, qkv) || !feed_forward(layer)) return std::nullopt;
    return layer;
  }

  bool heads(Layer& layer, std::array<plan::Value, 3>& qkv) {
    if (const auto* op = take<plan::Norm>()) {
      layer.q_norm = head_norm(op, qkv[0]);
      layer.k_norm = head_norm(take<plan::Norm>(), qkv[1]);
      if (layer.q_norm == nullptr || layer.k_norm == nullptr) return false;
      if (layer.q_norm->epsilon != layer.k_norm->epsilon) return false;
      qkv[0] = layer.q_norm->out;
      qkv[1] = layer.k_norm->out;
    }
    layer.rope = take<plan::Rope>();
    const auto* k_rope = take<plan::Rope>();
    if (layer.rope == nullptr || k_rope == nullptr || layer.rope->settings != k_rope->settings) return false;
    if (layer.rope->x != qkv[0] || k_rope->x != qkv[1]) return false;
    qkv[1] = k_rope->out;
    return true;
  }

  bool attention(Layer& layer, const std::array<plan::Value, 3>& qkv) {
    layer.store = take<plan::StoreKv>();
    if (layer.store == nullptr || layer.store->k != qkv[1] || layer.store->v != qkv[2]) return false;
    layer.attention = take<plan::Attention>();
    const plan::Attention* op = layer.attention;
    if (op == nullptr || op->q != layer.rope->out || op->store != layer.store->store) return false;
    if (op->sinks || !op->causal) return false;
    plan::Value out = op->out;
    // Of one token, its rows are all that there are.
    if (const auto* select = take<plan::SelectRows>()) {
      const auto* second = take<plan::SelectRows>();
      if (select->x != stream_ || second == nullptr || second->x != out) return false;
      stream_ = select->out;
      out = second->out;
    }
    layer.output = take<plan::MatMul>();
    return reads(layer.output, out) && add(layer.output->out, layer.output_post);
  }

  bool feed_forward(Layer& layer) {
    layer.feed_norm = norm();
    if (layer.feed_norm == nullptr) return false;
    layer.gate = take<plan::MatMul>();
    const auto* activation = take<plan::Activation>();
    layer.up = take<plan::MatMul>();
    const auto* product = take<plan::Multiply>();
    layer.down = take<plan::MatMul>();
    if (!reads(layer.gate, layer.feed_norm->out) || !reads(layer.up, layer.feed_norm->out)) return false;
    if (activation == nullptr || activation->kind == plan::ActivationKind::sigmoid) return false;
    layer.activation = activation->kind;
    if (activation->x != layer.gate->out || product == nullptr || product->a != activation->out) return false;
    return product->b == layer.up->out && reads(layer.down, product->out) &&
           add(layer.down->out, layer.down_post);
  }

  const plan::Plan& plan_;
  size_t next_ = 0;
  plan::Value stream_ = {};
};

}  // namespace

std::optional<Chain> find_chain(const plan::Plan& plan) {
  return Reader(plan).run();
}

}  // namespace chord::webgpu
