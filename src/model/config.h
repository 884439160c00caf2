// The hyperparameters of a model, as the file's metadata states them.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "gguf/reader.h"

namespace chord::model {

enum class RopeScaling : uint8_t {
  none,
  linear,  // positions divided by the factor (arXiv:2306.15595)
  yarn,    // high frequencies kept, low ones divided (arXiv:2309.00071)
};

struct RopeConfig {
  uint32_t dimension_count;  // elements of a head that are rotated
  double freq_base;
  RopeScaling scaling;
  double factor;                     // linear, yarn
  uint32_t original_context_length;  // yarn: that the model was trained with before it was stretched
  double beta_fast;                  // yarn: rotations within that context above which a frequency is kept,
  double beta_slow;                  //       and below which it is divided by the factor
  bool finetuned = true;             // false: Granite's way of saying that nothing is rotated
  double attention_factor;           // multiplies the rotated heads, in yarn beside 0.1 ln(factor) + 1
};

// How the embedding of a text is made of those of its tokens; the numbers are those of GGUF's pooling_type.
enum class Pooling : uint8_t {
  none = 0,  // the file names none
  mean = 1,
  cls = 2,  // the first token's
  last = 3,
};

// Of a mixture of experts.
struct ExpertConfig {
  uint32_t count;                       // 0: the file is no mixture
  uint32_t used_count;                  // that a token passes
  uint32_t feed_forward_length;         // of one
  uint32_t shared_feed_forward_length;  // of one more that all tokens pass; 0: there is none
  std::optional<bool> weights_norm;     // whether the weights of a token's experts add up to one
  float weights_scale;                  // multiplies them
};

struct Config {
  std::string architecture;
  uint32_t vocab_size;
  uint32_t context_length;
  uint32_t embedding_length;
  uint32_t block_count;
  uint32_t feed_forward_length;
  uint32_t head_count;
  uint32_t head_count_kv;
  uint32_t key_length;           // of one head
  uint32_t value_length;         // of one head
  float layer_norm_rms_epsilon;  // 0 where the file has none, as below
  float layer_norm_epsilon;
  uint32_t sliding_window;  // positions that a query of a layer with a window sees, its own included; 0: none
  float attention_soft_cap;  // 0 where the file has none, as below
  float logit_soft_cap;
  float embedding_scale;
  float residual_scale;
  float attention_scale;
  float logit_scale;
  bool causal;  // no token sees those behind it; otherwise the model embeds texts, and cannot generate them
  Pooling pooling;
  RopeConfig rope;
  ExpertConfig experts;
};

// general.architecture. invalid_model if the file names none.
Result<std::string> read_architecture(const gguf::Metadata& metadata);

// The keys <architecture>.*; invalid_model names a key that is missing or cannot be.
Result<Config> read_config(const gguf::Header& header);

// The error of an architecture that needs <architecture>.attention.<name>.
std::unexpected<Error> fail_missing_epsilon(const Config& config, std::string_view name);

}  // namespace chord::model
