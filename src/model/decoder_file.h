// The header of a decoder's file, for tests; and random weights for it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "model/test_header.h"

namespace chord::model {

class DecoderFile : public TestHeader {
 public:
  explicit DecoderFile(std::string architecture, uint32_t blocks = kBlocks)
      : TestHeader(std::move(architecture)) {
    set("block_count", blocks);
    set("attention.head_count_kv", kHeadsKv);
    set("attention.layer_norm_rms_epsilon", 1e-5f);
    if (has_post_norms()) {
      set("attention.sliding_window", uint32_t{4});
      set("attn_logit_softcapping", 1.0f);
      set("final_logit_softcapping", 2.0f);
    }
    if (is_fused()) {
      set("rope.scaling.original_context_length", uint32_t{32});
      set("rope.scaling.attn_factor", 1.2f);
      add("rope_factors_short.weight", kEmbedding / kHeads / 2);
      add("rope_factors_long.weight", kEmbedding / kHeads / 2);
    }
    if (is_mixture()) set_experts();
    if (is_granite()) {
      set("embedding_scale", 6.0f);
      set("residual_scale", 0.4f);
      set("attention.scale", 0.25f);
      set("logit_scale", 3.0f);
    }
    add("output_norm.weight", kEmbedding);
    add("output.weight", kEmbedding, kVocab);
    for (uint32_t i = 0; i < blocks; ++i) add_block(concat("blk.", i, "."));
  }

  static size_t norms_per_block(std::string_view architecture) {
    if (architecture == "gemma3") return 6;
    return architecture == "gemma2" || architecture.starts_with("olmo") || architecture.starts_with("qwen3")
               ? 4
               : 2;
  }

  // The bytes of a file with this header, where the plan's weights are: norms about 1, and matrices that keep
  // the size of what they multiply.
  std::vector<std::byte> random_weights() const {
    std::vector<std::byte> file(
        static_cast<size_t>(header.tensors.back().offset + header.tensors.back().bytes));
    std::mt19937 random(1);  // NOLINT(bugprone-random-generator-seed): the same each time
    std::normal_distribution<float> normal;
    for (const gguf::TensorInfo& tensor : header.tensors) {
      const bool is_vector = tensor.dimension_count == 1 && !tensor.name.contains("inp_shexp");
      const float deviation = is_vector ? 0.1f : 1 / std::sqrt(static_cast<float>(tensor.columns()));
      std::vector<float> weights(static_cast<size_t>(tensor.columns() * tensor.rows()));
      for (float& weight : weights) weight = (is_vector ? 1.0f : 0.0f) + deviation * normal(random);
      std::ranges::copy(std::as_bytes(std::span(weights)),
                        file.begin() + static_cast<ptrdiff_t>(tensor.offset));
    }
    return file;
  }

  // Makes it a mixture of experts, whatever its architecture, before blocks are added.
  void set_experts() {
    set("expert_count", kExperts);
    set("expert_used_count", kUsedExperts);
    set("expert_feed_forward_length", kExpertLength);
    if (has_shared_expert()) set("expert_shared_feed_forward_length", kFeedForward);
  }
  void add_experts(const std::string& prefix) {
    add(prefix + "ffn_gate_inp.weight", kEmbedding, kExperts);
    add(prefix + "ffn_gate_exps.weight", kEmbedding, kExpertLength, kExperts);
    add(prefix + "ffn_up_exps.weight", kEmbedding, kExpertLength, kExperts);
    add(prefix + "ffn_down_exps.weight", kExpertLength, kEmbedding, kExperts);
    if (!has_shared_expert()) return;
    add(prefix + "ffn_gate_inp_shexp.weight", kEmbedding);
    add(prefix + "ffn_gate_shexp.weight", kEmbedding, kFeedForward);
    add(prefix + "ffn_up_shexp.weight", kEmbedding, kFeedForward);
    add(prefix + "ffn_down_shexp.weight", kFeedForward, kEmbedding);
  }

  static constexpr uint32_t kHeadsKv = 2, kExperts = 6, kUsedExperts = 2, kExpertLength = 24;

 private:
  bool has_shared_expert() const { return architecture() == "qwen2moe"; }
  bool is_granite() const { return architecture().starts_with("granite"); }
  bool is_mixture() const { return architecture().ends_with("moe"); }
  bool has_pre_norms() const { return architecture() != "olmo2"; }
  bool has_post_norms() const {
    return architecture() == "gemma2" || architecture() == "gemma3" || architecture() == "olmo2";
  }

  bool is_fused() const { return architecture() == "phi3"; }

  void add_block(const std::string& prefix) {
    constexpr uint32_t kKv = kEmbedding / kHeads * kHeadsKv;
    if (has_pre_norms()) add(prefix + "attn_norm.weight", kEmbedding);
    if (is_fused()) {
      add(prefix + "attn_qkv.weight", kEmbedding, uint64_t{kEmbedding} + uint64_t{2} * kKv);
    } else {
      add(prefix + "attn_q.weight", kEmbedding, kEmbedding);
      add(prefix + "attn_k.weight", kEmbedding, kKv);
      add(prefix + "attn_v.weight", kEmbedding, kKv);
    }
    add(prefix + "attn_output.weight", kEmbedding, kEmbedding);
    if (has_pre_norms()) add(prefix + "ffn_norm.weight", kEmbedding);
    if (is_mixture()) {
      add_experts(prefix);
    } else {
      if (!is_fused()) add(prefix + "ffn_gate.weight", kEmbedding, kFeedForward);
      add(prefix + "ffn_up.weight", kEmbedding, uint64_t{is_fused() ? 2U : 1U} * kFeedForward);
      add(prefix + "ffn_down.weight", kFeedForward, kEmbedding);
    }
    if (architecture().starts_with("qwen2")) {
      add(prefix + "attn_q.bias", kEmbedding);
      add(prefix + "attn_k.bias", kKv);
      add(prefix + "attn_v.bias", kKv);
    }
    if (architecture().starts_with("olmo")) {
      add(prefix + "attn_q_norm.weight", kEmbedding);
      add(prefix + "attn_k_norm.weight", kKv);
    }
    if (architecture().starts_with("qwen3") || architecture() == "gemma3") {
      add(prefix + "attn_q_norm.weight", kEmbedding / kHeads);
      add(prefix + "attn_k_norm.weight", kEmbedding / kHeads);
    }
    if (has_post_norms()) {
      add(prefix + "post_attention_norm.weight", kEmbedding);
      add(prefix + "post_ffw_norm.weight", kEmbedding);
    }
  }
};

}  // namespace chord::model
