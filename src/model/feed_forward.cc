#include "model/feed_forward.h"

namespace chord::model {

FeedForward load_feed_forward(Tensors& tensors, const Config& c, const std::string& prefix,
                              FeedForwardKind kind) {
  const uint64_t length = c.feed_forward_length;
  const auto load = [&](const char* name, uint64_t columns, uint64_t rows) {
    return load_projection(tensors, prefix + name, columns, rows);
  };
  const auto load_half = [&](const char* name, uint64_t first) {
    return load_fusible(tensors, prefix + "ffn_up", prefix + name, c.embedding_length,
                        {.first = first, .count = length, .all = 2 * length});
  };
  FeedForward layer{.kind = kind, .gate = {}, .up = {}, .down = {}};
  if (kind == FeedForwardKind::fused_swiglu) {
    layer.gate = load_half("ffn_gate", 0);
    layer.up = load_half("ffn_up", length);
  } else {
    if (kind != FeedForwardKind::gelu) layer.gate = load("ffn_gate", c.embedding_length, length);
    layer.up = load("ffn_up", c.embedding_length, length);
  }
  layer.down = load("ffn_down", length, c.embedding_length);
  return layer;
}

plan::Value feed_forward(plan::Builder& b, plan::Value x, const FeedForward& layer) {
  const bool is_swiglu = layer.kind == FeedForwardKind::swiglu || layer.kind == FeedForwardKind::fused_swiglu;
  const auto activation = is_swiglu ? plan::ActivationKind::silu : plan::ActivationKind::gelu;
  if (!layer.gate) return project(b, b.activation(activation, project(b, x, layer.up)), layer.down);
  const plan::Value gate = b.activation(activation, project(b, x, *layer.gate));
  return project(b, b.multiply(gate, project(b, x, layer.up)), layer.down);
}

}  // namespace chord::model
