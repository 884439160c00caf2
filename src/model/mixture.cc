#include "model/mixture.h"

#include "model/projection.h"

namespace chord::model {

Mixture load_mixture(Tensors& tensors, const Config& c, const std::string& prefix) {
  const ExpertConfig& experts = c.experts;
  const uint64_t channels = c.embedding_length;
  const auto load_all = [&](const char* name, uint64_t columns, uint64_t rows) {
    return tensors.matrix(prefix + name, columns, rows, experts.count);
  };
  Mixture layer{};
  layer.router = tensors.matrix(prefix + "ffn_gate_inp.weight", channels, experts.count);
  layer.gate = load_all("ffn_gate_exps.weight", channels, experts.feed_forward_length);
  layer.up = load_all("ffn_up_exps.weight", channels, experts.feed_forward_length);
  layer.down = load_all("ffn_down_exps.weight", experts.feed_forward_length, channels);
  if (const uint64_t length = experts.shared_feed_forward_length; length != 0) {
    layer.shared = FeedForward{.kind = FeedForwardKind::swiglu,
                               .gate = load_projection(tensors, prefix + "ffn_gate_shexp", channels, length),
                               .up = load_projection(tensors, prefix + "ffn_up_shexp", channels, length),
                               .down = load_projection(tensors, prefix + "ffn_down_shexp", length, channels)};
    layer.shared_router = tensors.find_vector(prefix + "ffn_gate_inp_shexp.weight", channels);
  }
  return layer;
}

plan::Value mixture(plan::Builder& b, plan::Value x, const Mixture& layer, const ExpertConfig& c,
                    bool normalized) {
  const plan::Value logits = b.matmul(x, layer.router);
  const plan::Value experts = b.top_k(logits, c.used_count);
  const plan::Value gate = b.activation(plan::ActivationKind::silu, b.matmul(x, layer.gate, experts));
  const plan::Value hidden = b.multiply(gate, b.matmul(x, layer.up, experts));
  const plan::Value results = b.matmul(hidden, layer.down, experts);
  const plan::Value weights =
      b.router_weights(logits, experts, c.weights_norm.value_or(normalized), c.weights_scale);
  const plan::Value routed = b.weighted_sum(results, weights);
  if (!layer.shared) return routed;
  plan::Value shared = feed_forward(b, x, *layer.shared);
  if (layer.shared_router) {
    const plan::Value logit = b.matmul(x, *layer.shared_router);
    shared = b.weighted_sum(shared, b.activation(plan::ActivationKind::sigmoid, logit));
  }
  return b.add(routed, shared);
}

}  // namespace chord::model
