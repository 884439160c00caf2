#include "synth_header.h"

#include <string>

#include "synth_vocabulary.h"
#include "synth_word_pieces.h"

namespace chord::cli {
namespace {

class Tensors {
 public:
  explicit Tensors(std::vector<gguf::TensorInfo>& tensors) : tensors_(tensors) {}

  void vector(const std::string& name, uint64_t length) { add(name + ".weight", 1, length, 1); }
  void bias(const std::string& name, uint64_t length) { add(name + ".bias", 1, length, 1); }
  void norm(const std::string& name, uint64_t length) {
    vector(name, length);
    bias(name, length);
  }
  void matrix(const std::string& name, uint64_t columns, uint64_t rows) {
    add(name + ".weight", 2, columns, rows);
  }
  void matrices(const std::string& name, uint64_t columns, uint64_t rows, uint64_t count) {
    add(name + ".weight", 3, columns, rows, count);
  }

 private:
  void add(const std::string& name, uint32_t dimension_count, uint64_t columns, uint64_t rows,
           uint64_t count = 1) {
    tensors_.push_back({name,
                        quant::Type::f32,
                        dimension_count,
                        {columns, rows, count, 1},
                        /*offset=*/0,
                        /*bytes=*/0});
  }

  std::vector<gguf::TensorInfo>& tensors_;
};

void add_experts(const Shape& shape, const std::string& prefix, Tensors& tensors) {
  const uint64_t channels = shape.embedding_length;
  const uint64_t length = shape.expert_length != 0 ? shape.expert_length : shape.feed_forward_length;
  tensors.matrix(prefix + "ffn_gate_inp", channels, shape.expert_count);
  tensors.matrices(prefix + "ffn_gate_exps", channels, length, shape.expert_count);
  tensors.matrices(prefix + "ffn_up_exps", channels, length, shape.expert_count);
  tensors.matrices(prefix + "ffn_down_exps", length, channels, shape.expert_count);
  if (const uint64_t shared = shape.shared_expert_length; shared != 0) {
    tensors.vector(prefix + "ffn_gate_inp_shexp", channels);
    tensors.matrix(prefix + "ffn_gate_shexp", channels, shared);
    tensors.matrix(prefix + "ffn_up_shexp", channels, shared);
    tensors.matrix(prefix + "ffn_down_shexp", shared, channels);
  }
}

void add_block(const Shape& shape, uint32_t block, Tensors& tensors) {
  const std::string prefix = "blk." + std::to_string(block) + ".";
  const uint64_t channels = shape.embedding_length;
  const uint64_t queries = uint64_t{shape.head_count} * shape.key_length;
  const uint64_t keys = uint64_t{shape.head_count_kv} * shape.key_length;
  const bool norms_before = shape.family != Family::olmo2;
  const bool norms_after = shape.family == Family::olmo2 || shape.family == Family::gemma2;
  if (norms_before) tensors.vector(prefix + "attn_norm", channels);
  if (shape.family == Family::phi3) {
    tensors.matrix(prefix + "attn_qkv", channels, queries + 2 * keys);
  } else {
    tensors.matrix(prefix + "attn_q", channels, queries);
    tensors.matrix(prefix + "attn_k", channels, keys);
    tensors.matrix(prefix + "attn_v", channels, keys);
  }
  if (shape.biases_qkv) {
    tensors.bias(prefix + "attn_q", queries);
    tensors.bias(prefix + "attn_k", keys);
    tensors.bias(prefix + "attn_v", keys);
  }
  if (shape.norms_whole) {
    tensors.vector(prefix + "attn_q_norm", queries);
    tensors.vector(prefix + "attn_k_norm", keys);
  }
  if (shape.norms_heads) {
    tensors.vector(prefix + "attn_q_norm", shape.key_length);
    tensors.vector(prefix + "attn_k_norm", shape.key_length);
  }
  tensors.matrix(prefix + "attn_output", queries, channels);
  if (norms_after) tensors.vector(prefix + "post_attention_norm", channels);
  if (norms_before) tensors.vector(prefix + "ffn_norm", channels);
  if (shape.family == Family::experts) return add_experts(shape, prefix, tensors);
  const bool fused = shape.family == Family::phi3;
  if (!fused) tensors.matrix(prefix + "ffn_gate", channels, shape.feed_forward_length);
  tensors.matrix(prefix + "ffn_up", channels, uint64_t{fused ? 2U : 1U} * shape.feed_forward_length);
  tensors.matrix(prefix + "ffn_down", shape.feed_forward_length, channels);
  if (norms_after) tensors.vector(prefix + "post_ffw_norm", channels);
}

void add_encoder_block(const Shape& shape, uint32_t block, Tensors& tensors) {
  const std::string prefix = "blk." + std::to_string(block) + ".";
  const uint64_t channels = shape.embedding_length;
  const bool biases = shape.family == Family::bert;
  const auto matrix = [&](const char* name, uint64_t columns, uint64_t rows) {
    tensors.matrix(prefix + name, columns, rows);
    if (biases) tensors.bias(prefix + name, rows);
  };
  if (shape.family == Family::bert) {
    for (const char* name : {"attn_q", "attn_k", "attn_v"}) matrix(name, channels, channels);
  } else {
    matrix("attn_qkv", channels, 3 * channels);
    matrix("ffn_gate", channels, shape.feed_forward_length);
  }
  matrix("attn_output", channels, channels);
  tensors.norm(prefix + "attn_output_norm", channels);
  matrix("ffn_up", channels, shape.feed_forward_length);
  matrix("ffn_down", shape.feed_forward_length, channels);
  tensors.norm(prefix + "layer_output_norm", channels);
}

void add_encoder(const Shape& shape, uint32_t context_length, Tensors& tensors) {
  tensors.matrix("token_embd", shape.embedding_length, shape.vocab_size);
  tensors.matrix("token_types", shape.embedding_length, 2);
  if (shape.family == Family::bert) tensors.matrix("position_embd", shape.embedding_length, context_length);
  tensors.norm("token_embd_norm", shape.embedding_length);
  for (uint32_t block = 0; block < shape.block_count; ++block) add_encoder_block(shape, block, tensors);
}

void add_decoder(const Shape& shape, Tensors& tensors) {
  if (shape.rope_stretch) tensors.vector("rope_freqs", shape.key_length / 2);
  if (shape.family == Family::phi3) {
    for (const char* name : {"rope_factors_short", "rope_factors_long"}) {
      tensors.vector(name, shape.rope_dimension_count / 2);
    }
  }
  tensors.matrix("token_embd", shape.embedding_length, shape.vocab_size);
  for (uint32_t block = 0; block < shape.block_count; ++block) add_block(shape, block, tensors);
  tensors.vector("output_norm", shape.embedding_length);
  if (!shape.ties_output) tensors.matrix("output", shape.embedding_length, shape.vocab_size);
}

void set_metadata(const Shape& shape, const Mix& mix, uint32_t context_length, gguf::Metadata& metadata) {
  const std::string architecture(shape.architecture);
  metadata.set("general.architecture", {architecture});
  metadata.set("general.type", {std::string("model")});
  metadata.set("general.name", {std::string(shape.title) + " of random weights"});
  metadata.set("general.size_label", {std::string(shape.size_label)});
  metadata.set("general.file_type", {mix.file_type});
  metadata.set("general.quantization_version", {uint32_t{2}});

  const auto set = [&](const char* name, gguf::Value value) {
    metadata.set(architecture + "." + name, std::move(value));
  };
  set("vocab_size", {shape.vocab_size});
  set("context_length", {context_length});
  set("embedding_length", {shape.embedding_length});
  set("block_count", {shape.block_count});
  set("feed_forward_length", {shape.feed_forward_length});
  set("attention.head_count", {shape.head_count});
  set("attention.head_count_kv", {shape.head_count_kv});
  if (shape.pooling != 0) set("pooling_type", {shape.pooling});
  if (!shape.is_encoder()) {
    set("attention.key_length", {shape.key_length});
    set("attention.value_length", {shape.key_length});
    set("attention.layer_norm_rms_epsilon", {shape.layer_norm_epsilon});
    set("rope.dimension_count",
        {shape.rope_dimension_count != 0 ? shape.rope_dimension_count : shape.key_length});
    if (shape.family == Family::phi3) {
      set("rope.scaling.original_context_length", {context_length / 2});
      set("rope.scaling.attn_factor", {1.19f});
    }
    if (shape.rope_factor != 0) {
      set("rope.scaling.type", {std::string("linear")});
      set("rope.scaling.factor", {shape.rope_factor});
    }
    if (shape.family == Family::experts) {
      set("expert_count", {shape.expert_count});
      set("expert_used_count", {shape.expert_used_count});
      if (shape.expert_length != 0) set("expert_feed_forward_length", {shape.expert_length});
      if (shape.shared_expert_length != 0)
        set("expert_shared_feed_forward_length", {shape.shared_expert_length});
    }
    if (shape.scales) {
      set("embedding_scale", {shape.scales->embedding});
      set("residual_scale", {shape.scales->residual});
      set("attention.scale", {shape.scales->attention});
      set("logit_scale", {shape.scales->logit});
    }
    if (shape.sliding_window != 0) set("attention.sliding_window", {shape.sliding_window});
    if (shape.attention_soft_cap != 0) set("attn_logit_softcapping", {shape.attention_soft_cap});
    if (shape.logit_soft_cap != 0) set("final_logit_softcapping", {shape.logit_soft_cap});
  } else {
    set("attention.layer_norm_epsilon", {shape.layer_norm_epsilon});
    set("attention.causal", {false});
  }
  if (shape.family != Family::bert) set("rope.freq_base", {shape.rope_freq_base});
}

}  // namespace

gguf::Header synth_header(const Shape& shape, const Mix& mix, uint32_t context_length) {
  gguf::Header header{};
  set_metadata(shape, mix, context_length, header.metadata);
  Tensors tensors(header.tensors);
  if (!shape.is_encoder()) {
    set_vocabulary(shape.vocab_size, shape.pre_tokenizer, header.metadata);
    if (shape.pooling != 0) header.metadata.set("tokenizer.ggml.add_eos_token", {true});
    add_decoder(shape, tensors);
  } else {
    set_word_pieces(shape.vocab_size, header.metadata);
    add_encoder(shape, context_length, tensors);
  }

  for (gguf::TensorInfo& tensor : header.tensors) tensor.type = type_in(mix, header, tensor);
  return header;
}

}  // namespace chord::cli
