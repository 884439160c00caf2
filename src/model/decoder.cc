#include "model/decoder.h"

#include <cmath>

#include "model/feed_forward.h"
#include "model/projection.h"
#include "model/rope.h"
#include "model/tensors.h"
#include "plan/builder.h"

namespace chord::model {
namespace {

using plan::Builder;
using plan::Value;
using plan::Weight;

struct Block {
  Weight attn_norm;
  QkvProjections qkv;
  std::optional<Weight> q_norm, k_norm;
  Projection output;
  Weight ffn_norm;
  FeedForward feed_forward;
};

Block load_block(Tensors& tensors, const Config& c, const DecoderTraits& traits, uint32_t index) {
  const std::string prefix = concat("blk.", index, ".");
  const uint64_t output_length = uint64_t{c.head_count} * c.value_length;
  Block block{};
  block.attn_norm = tensors.vector(prefix + "attn_norm.weight", c.embedding_length);
  block.qkv = load_qkv(tensors, c, prefix, traits.qkv_bias);
  if (traits.qk_norm) {
    block.q_norm = tensors.vector(prefix + "attn_q_norm.weight", c.key_length);
    block.k_norm = tensors.vector(prefix + "attn_k_norm.weight", c.key_length);
  }
  block.output = load_projection(tensors, prefix + "attn_output", output_length, c.embedding_length);
  block.ffn_norm = tensors.vector(prefix + "ffn_norm.weight", c.embedding_length);
  block.feed_forward = load_feed_forward(tensors, c, prefix, FeedForwardKind::swiglu);
  return block;
}

// softmax(q·k / √length) · v over the store, without the output projection.
Value attention(Builder& b, const Config& c, const Block& block, plan::Store store, uint32_t rope, Value x) {
  Value q = project(b, x, block.qkv.q);
  Value k = project(b, x, block.qkv.k);
  const Value v = project(b, x, block.qkv.v);
  if (block.q_norm) q = b.rms_norm(q, *block.q_norm, c.layer_norm_rms_epsilon, c.head_count);
  if (block.k_norm) k = b.rms_norm(k, *block.k_norm, c.layer_norm_rms_epsilon, c.head_count_kv);
  q = b.rope(q, rope);
  k = b.rope(k, rope);
  b.store_kv(store, k, v);
  const float scale = 1.0f / std::sqrt(static_cast<float>(c.key_length));
  return b.attention(q, store, {.head_count = c.head_count, .scale = scale, .causal = c.causal});
}

}  // namespace

Result<plan::Plan> decoder(const gguf::Header& header, const Config& c, const DecoderTraits& traits) {
  const float epsilon = c.layer_norm_rms_epsilon;
  if (epsilon == 0) return fail_missing_epsilon(c, "layer_norm_rms_epsilon");
  Builder b;
  Tensors tensors(header, b);

  const Weight embedding = tensors.matrix("token_embd.weight", c.embedding_length, c.vocab_size);
  const auto factors = tensors.find_vector("rope_freqs.weight", c.rope.dimension_count / 2);
  const uint32_t rope = b.rope_settings(rope_settings(c.rope, c.key_length, traits.rope_order, factors));

  Value x = b.embed(embedding);
  for (uint32_t i = 0; i < c.block_count; ++i) {
    const Block block = load_block(tensors, c, traits, i);
    const plan::Store store =
        b.store({plan::StoreKind::kv, c.head_count_kv, c.key_length, c.value_length, /*window=*/0});
    Value y = attention(b, c, block, store, rope, b.rms_norm(x, block.attn_norm, epsilon));
    if (i + 1 == c.block_count) {  // what follows is needed only for the rows whose logits are
      x = b.select_rows(x);
      y = b.select_rows(y);
    }
    x = b.add(x, project(b, y, block.output));
    x = b.add(x, feed_forward(b, b.rms_norm(x, block.ffn_norm, epsilon), block.feed_forward));
  }
  x = b.rms_norm(x, tensors.vector("output_norm.weight", c.embedding_length), epsilon);
  b.embeddings(x);

  if (c.causal) {
    const auto output = tensors.find_matrix("output.weight", c.embedding_length, c.vocab_size);
    const auto output_bias = tensors.find_vector("output.bias", c.vocab_size);
    b.logits(project(b, x, {output.value_or(embedding), output_bias}));
  }

  CHORD_CHECK(tensors.check());
  return std::move(b).build();
}

}  // namespace chord::model
