#include "model/feed_forward.h"

namespace chord::model {

FeedForward load_feed_forward(Tensors& tensors, const Config& c, const std::string& prefix,
                              FeedForwardKind kind) {
  const auto load = [&](const char* name, uint64_t columns, uint64_t rows) {
    return load_projection(tensors, prefix + name, columns, rows);
  };
  FeedForward layer{.kind = kind, .gate = {}, .up = {}, .down = {}};
  if (kind != FeedForwardKind::gelu) layer.gate = load("ffn_gate", c.embedding_length, c.feed_forward_length);
  layer.up = load("ffn_up", c.embedding_length, c.feed_forward_length);
  layer.down = load("ffn_down", c.feed_forward_length, c.embedding_length);
  return layer;
}

plan::Value feed_forward(plan::Builder& b, plan::Value x, const FeedForward& layer) {
  const auto activation =
      layer.kind == FeedForwardKind::swiglu ? plan::ActivationKind::silu : plan::ActivationKind::gelu;
  if (!layer.gate) return project(b, b.activation(activation, project(b, x, layer.up)), layer.down);
  const plan::Value gate = b.activation(activation, project(b, x, *layer.gate));
  return project(b, b.multiply(gate, project(b, x, layer.up)), layer.down);
}

}  // namespace chord::model
