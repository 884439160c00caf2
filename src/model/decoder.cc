#include "model/decoder.h"

#include <cmath>
#include <variant>

#include "model/mixture.h"
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
  std::optional<Weight> attention_norm;
  QkvProjections qkv;
  std::optional<Weight> q_norm, k_norm;
  Projection output;
  std::optional<Weight> attention_post_norm;
  std::optional<Weight> feed_forward_norm;
  std::variant<FeedForward, Mixture> feed_forward;
  std::optional<Weight> feed_forward_post_norm;
};

class Decoder {
 public:
  Decoder(const gguf::Header& header, const Config& config, const DecoderTraits& traits)
      : c_(config), traits_(traits), tensors_(header, b_) {}

  Result<plan::Plan> build() && {
    if (c_.layer_norm_rms_epsilon == 0) return fail_missing_epsilon(c_, "layer_norm_rms_epsilon");
    if (c_.experts.count != 0 && traits_.feed_forward != FeedForwardKind::swiglu) {
      return fail(ErrorCode::unsupported_architecture, "the file is a mixture of experts, which no ",
                  c_.architecture, " is that is known");
    }
    const Weight embedding = tensors_.matrix("token_embd.weight", c_.embedding_length, c_.vocab_size);
    add_ropes();

    Value x = b_.embed(embedding);
    x = scaled(x, traits_.embedding_scale);
    for (uint32_t i = 0; i < c_.block_count; ++i) {
      const Block block = load_block(i);
      Value y = attention(block, i, norm(x, block.attention_norm));
      if (i + 1 == c_.block_count) {  // what follows is needed only for the rows whose logits are
        x = b_.select_rows(x);
        y = b_.select_rows(y);
      }
      x = add(x, norm(project(b_, y, block.output), block.attention_post_norm));
      y = feed_forward(norm(x, block.feed_forward_norm), block);
      x = add(x, norm(y, block.feed_forward_post_norm));
    }
    x = norm(x, tensors_.vector("output_norm.weight", c_.embedding_length));
    b_.embeddings(x);
    if (c_.causal) b_.logits(logits(x, embedding));

    CHORD_CHECK(tensors_.check());
    return std::move(b_).build();
  }

 private:
  static bool is_each(uint32_t period, uint32_t layer) { return period != 0 && (layer + 1) % period == 0; }

  void add_ropes() {
    const RopeFactors factors = load_rope_factors(tensors_, c_.rope);
    rope_ = window_rope_ =
        b_.rope_settings(rope_settings(c_.rope, c_.key_length, traits_.rope_order, factors));
    if (traits_.window.length == 0 || !traits_.window.rope_freq_base) return;
    RopeConfig rope = c_.rope;
    rope.freq_base = *traits_.window.rope_freq_base;
    rope.scaling = RopeScaling::none;
    rope.attention_factor = 1;
    window_rope_ = b_.rope_settings(rope_settings(rope, c_.key_length, traits_.rope_order, factors));
  }

  Block load_block(uint32_t index) {
    const std::string prefix = concat("blk.", index, ".");
    const auto load_norm = [&](const char* name, uint32_t length) {
      return tensors_.vector(concat(prefix, name, ".weight"), length);
    };
    const uint64_t output_length = uint64_t{c_.head_count} * c_.value_length;
    Block block{};
    if (traits_.norms != Norms::after) {
      block.attention_norm = load_norm("attn_norm", c_.embedding_length);
      block.feed_forward_norm = load_norm("ffn_norm", c_.embedding_length);
    }
    block.qkv = load_qkv(tensors_, c_, prefix, traits_.qkv_bias);
    if (traits_.qk_norm != QkNorm::none) {
      const bool whole = traits_.qk_norm == QkNorm::whole;
      block.q_norm = load_norm("attn_q_norm", whole ? c_.head_count * c_.key_length : c_.key_length);
      block.k_norm = load_norm("attn_k_norm", whole ? c_.head_count_kv * c_.key_length : c_.key_length);
    }
    block.output = load_projection(tensors_, prefix + "attn_output", output_length, c_.embedding_length);
    if (c_.experts.count != 0) {
      block.feed_forward = load_mixture(tensors_, c_, prefix);
    } else {
      block.feed_forward = load_feed_forward(tensors_, c_, prefix, traits_.feed_forward);
    }
    if (traits_.norms != Norms::before) {
      block.attention_post_norm = load_norm("post_attention_norm", c_.embedding_length);
      block.feed_forward_post_norm = load_norm("post_ffw_norm", c_.embedding_length);
    }
    return block;
  }

  // x, where there is no such norm; otherwise of x as a whole, or of each of its heads.
  Value norm(Value x, std::optional<Weight> weight, uint32_t heads = 1) {
    return weight ? b_.rms_norm(x, *weight, c_.layer_norm_rms_epsilon, heads) : x;
  }

  Value scaled(Value x, float factor) { return factor == 1 ? x : b_.scale(x, factor); }

  Value add(Value stream, Value y) { return b_.add(stream, scaled(y, traits_.residual_scale)); }

  Value feed_forward(Value x, const Block& block) {
    if (const auto* layer = std::get_if<Mixture>(&block.feed_forward)) {
      return mixture(b_, x, *layer, c_.experts, traits_.normalizes_experts);
    }
    return model::feed_forward(b_, x, std::get<FeedForward>(block.feed_forward));
  }

  // softmax(scale · q·k) · v over the layer's store, without the output projection.
  Value attention(const Block& block, uint32_t layer, Value x) {
    Value q = project(b_, x, block.qkv.q);
    Value k = project(b_, x, block.qkv.k);
    const Value v = project(b_, x, block.qkv.v);
    const bool whole = traits_.qk_norm == QkNorm::whole;
    q = norm(q, block.q_norm, whole ? 1 : c_.head_count);
    k = norm(k, block.k_norm, whole ? 1 : c_.head_count_kv);
    const uint32_t window = is_each(traits_.window.period, layer) ? 0 : traits_.window.length;
    if (!is_each(traits_.unrotated_period, layer)) {
      const uint32_t rope = window != 0 ? window_rope_ : rope_;
      q = b_.rope(q, rope);
      k = b_.rope(k, rope);
    }
    const plan::Store store = b_.store({.kind = window != 0 ? plan::StoreKind::ring : plan::StoreKind::kv,
                                        .head_count = c_.head_count_kv,
                                        .key_length = c_.key_length,
                                        .value_length = c_.value_length,
                                        .window = window});
    b_.store_kv(store, k, v);
    const float scale = 1 / std::sqrt(static_cast<float>(c_.key_length));
    return b_.attention(q, store,
                        {.head_count = c_.head_count,
                         .scale = traits_.attention_scale != 0 ? traits_.attention_scale : scale,
                         .window = window,
                         .soft_cap = traits_.attention_soft_cap,
                         .causal = c_.causal});
  }

  Value logits(Value x, Weight embedding) {
    const auto output = tensors_.find_matrix("output.weight", c_.embedding_length, c_.vocab_size);
    const auto bias = tensors_.find_vector("output.bias", c_.vocab_size);
    const Value y = scaled(project(b_, x, {output.value_or(embedding), bias}), traits_.logit_scale);
    return traits_.logit_soft_cap != 0 ? b_.soft_cap(y, traits_.logit_soft_cap) : y;
  }

  const Config& c_;
  const DecoderTraits& traits_;
  Builder b_;
  Tensors tensors_;
  uint32_t rope_ = 0;
  uint32_t window_rope_ = 0;
};

}  // namespace

Result<plan::Plan> decoder(const gguf::Header& header, const Config& config, const DecoderTraits& traits) {
  return Decoder(header, config, traits).build();
}

}  // namespace chord::model
