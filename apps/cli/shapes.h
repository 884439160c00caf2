// The shapes of models that people run: what a file of random weights needs to cost what the real one costs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace chord::cli {

// How Llama 3.1 and later stretch their rotary frequencies.
struct RopeStretch {
  double factor;                     // by which the slowest frequencies are divided
  double low_freq_factor;            // they turn less often than this within the original context
  double high_freq_factor;           // and the fast ones, which are kept, more often than this
  uint32_t original_context_length;  // tokens
};

// What kind of tensors and tokenizer a file has.
enum class Family : uint8_t {
  llama,    // and those who differ from it by numbers alone
  gemma2,   // a decoder with norms before and after each layer
  olmo2,    // a decoder with norms after each layer
  phi3,     // a decoder with fused matrices and LongRoPE
  experts,  // a decoder whose feed-forward layers are mixtures of experts
  bert,     // an encoder with a table of positions and GELU
  nomic,    // an encoder with rotated heads and SwiGLU
};

// What multiplies the embeddings, the branches, the scores and, as a divisor, the logits of Granite.
struct GraniteScales {
  float embedding, residual, attention, logit;
};

// Sizes as in the metadata of GGUF files. Every matrix has a multiple of 256 elements.
struct Shape {
  std::string_view name;                    // "tinyllama-1.1b"
  std::string_view title;                   // "TinyLlama 1.1B"
  std::string_view size_label;              // "1.1B"
  std::string_view architecture = "llama";  // general.architecture
  Family family = Family::llama;
  std::string_view pre_tokenizer = "gpt-2";  // whose rules models with a SentencePiece tokenizer get, too
  uint32_t block_count;
  uint32_t embedding_length;
  uint32_t feed_forward_length;
  uint32_t head_count;
  uint32_t head_count_kv;
  uint32_t key_length;  // of values, too
  uint32_t vocab_size;
  uint32_t context_length;
  float rope_freq_base = 10000;
  float layer_norm_epsilon = 1e-5f;  // of the kind of norms that it has
  bool ties_output = false;          // the embedding is the output matrix, too
  bool norms_heads = false;          // every query and key head has a norm (Qwen 3)
  std::optional<RopeStretch> rope_stretch = {};
  float rope_factor = 0;              // by which positions are divided, if they are
  uint32_t rope_dimension_count = 0;  // elements of a head that are rotated, if not all
  uint32_t sliding_window = 0;        // of the layers that have one
  float attention_soft_cap = 0;       // if scores have one
  float logit_soft_cap = 0;
  uint32_t pooling = 0;  // pooling_type, if it is made for embeddings
  // Of the family experts.
  uint32_t expert_count = 0;
  uint32_t expert_used_count = 0;
  uint32_t expert_length = 0;         // of one's feed-forward layer, if not feed_forward_length
  uint32_t shared_expert_length = 0;  // of the one that all tokens pass, if there is one
  bool biases_qkv = false;
  bool norms_whole = false;  // queries and keys have a norm each (OLMoE)
  std::optional<GraniteScales> scales = {};

  bool is_encoder() const { return family == Family::bert || family == Family::nomic; }
};

std::span<const Shape> shapes();
const Shape* find_shape(std::string_view name);  // nullptr if unknown

}  // namespace chord::cli
