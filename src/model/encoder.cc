#include "model/encoder.h"

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

struct LayerNorm {
  Weight weight;
  std::optional<Weight> bias;
};

struct EncoderBlock {
  QkvProjections qkv;
  Projection output;
  LayerNorm attention_norm;
  FeedForward feed_forward;
  LayerNorm output_norm;
};

LayerNorm load_norm(Tensors& tensors, const std::string& name, uint64_t length) {
  return {tensors.vector(name + ".weight", length), tensors.find_vector(name + ".bias", length)};
}

EncoderBlock load_block(Tensors& tensors, const Config& c, const EncoderTraits& traits, uint32_t index) {
  const std::string prefix = concat("blk.", index, ".");
  const uint64_t output_length = uint64_t{c.head_count} * c.value_length;
  EncoderBlock block{};
  block.qkv = load_qkv(tensors, c, prefix, /*needs_bias=*/false);
  block.output = load_projection(tensors, prefix + "attn_output", output_length, c.embedding_length);
  block.attention_norm = load_norm(tensors, prefix + "attn_output_norm", c.embedding_length);
  block.feed_forward = load_feed_forward(tensors, c, prefix, traits.feed_forward);
  block.output_norm = load_norm(tensors, prefix + "layer_output_norm", c.embedding_length);
  return block;
}

class Encoder {
 public:
  Encoder(const gguf::Header& header, const Config& config, const EncoderTraits& traits)
      : header_(header), c_(config), traits_(traits), tensors_(header, b_) {}

  Result<plan::Plan> build() && {
    if (c_.layer_norm_epsilon == 0) return fail_missing_epsilon(c_, "layer_norm_epsilon");
    Value x = embed();
    if (!traits_.position_table) {
      rope_ = b_.rope_settings(rope_settings(c_.rope, c_.key_length, plan::RopeOrder::halves));
    }
    for (uint32_t i = 0; i < c_.block_count; ++i) {
      const EncoderBlock block = load_block(tensors_, c_, traits_, i);
      Value y = attention(block, x);
      if (i + 1 == c_.block_count) {  // what follows is needed only for the rows whose embeddings are
        x = b_.select_rows(x);
        y = b_.select_rows(y);
      }
      x = norm(b_.add(x, project(b_, y, block.output)), block.attention_norm);
      x = norm(b_.add(x, feed_forward(b_, x, block.feed_forward)), block.output_norm);
    }
    b_.embeddings(x);
    CHORD_CHECK(tensors_.check());
    return std::move(b_).build();
  }

 private:
  Value embed() {
    Value x = b_.embed(tensors_.matrix("token_embd.weight", c_.embedding_length, c_.vocab_size));
    if (const gguf::TensorInfo* types = header_.find_tensor("token_types.weight")) {
      const Part first = {.first = 0, .count = 1, .all = types->rows()};
      if (const auto row = tensors_.find_rows("token_types.weight", c_.embedding_length, first)) {
        x = b_.bias(x, *row);
      }
    }
    if (traits_.position_table) {
      const Weight table = tensors_.matrix("position_embd.weight", c_.embedding_length, c_.context_length);
      x = b_.add(x, b_.embed(table, plan::EmbedBy::position));
    }
    return norm(x, load_norm(tensors_, "token_embd_norm", c_.embedding_length));
  }

  Value norm(Value x, const LayerNorm& norm) {
    return b_.layer_norm(x, norm.weight, norm.bias, c_.layer_norm_epsilon);
  }

  // softmax(q·k / √length) · v, without the output projection.
  Value attention(const EncoderBlock& block, Value x) {
    Value q = project(b_, x, block.qkv.q);
    Value k = project(b_, x, block.qkv.k);
    const Value v = project(b_, x, block.qkv.v);
    if (rope_) {
      q = b_.rope(q, *rope_);
      k = b_.rope(k, *rope_);
    }
    const plan::Store store =
        b_.store({plan::StoreKind::kv, c_.head_count_kv, c_.key_length, c_.value_length, /*window=*/0});
    b_.store_kv(store, k, v);
    const float scale = 1.0f / std::sqrt(static_cast<float>(c_.key_length));
    return b_.attention(q, store, {.head_count = c_.head_count, .scale = scale, .causal = false});
  }

  const gguf::Header& header_;
  const Config& c_;
  EncoderTraits traits_;
  Builder b_;
  Tensors tensors_;
  std::optional<uint32_t> rope_;
};

}  // namespace

Result<plan::Plan> encoder(const gguf::Header& header, const Config& config, const EncoderTraits& traits) {
  return Encoder(header, config, traits).build();
}

}  // namespace chord::model
