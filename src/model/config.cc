#include "model/config.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace chord::model {
namespace {

// Above any model there is, and small enough that products of two fit 64 bits and sizes fit the planner's.
constexpr uint64_t kMaxLength = 1 << 24;
constexpr uint64_t kMaxBlockCount = 1 << 10;

// Reads <architecture>.<name>. The first mistake is remembered, with the whole key; check() returns it. Until
// then the look-ups give numbers that can be calculated with.
class Keys {
 public:
  Keys(const gguf::Metadata& metadata, std::string_view architecture)
      : metadata_(metadata), prefix_(concat(architecture, ".")) {}

  uint32_t length(std::string_view name, uint64_t limit = kMaxLength) {
    const auto value = taken(metadata_.find_unsigned(key(name)));
    if (value) return checked(name, *value, limit);
    refuse(ErrorCode::invalid_model, concat("the file has no ", key(name), ", which its architecture needs"));
    return 1;
  }

  // 1 to kMaxLength; or, as where the key is missing, 0 if that is the fallback.
  uint32_t length_or(std::string_view name, uint32_t fallback) {
    const auto value = taken(metadata_.find_unsigned(key(name)));
    return !value || (*value == 0 && fallback == 0) ? fallback : checked(name, *value, kMaxLength);
  }

  // Positive and finite; or, as where the key is missing, 0 if that is the fallback.
  double number_or(std::string_view name, double fallback) {
    const auto value = taken(metadata_.find_number(key(name)));
    if (!value || (*value == 0 && fallback == 0)) return fallback;
    if (!(*value > 0 && *value < 1e30)) {
      refuse(ErrorCode::invalid_model, concat(key(name), " is ", *value, ", which is not a positive number"));
    }
    return *value;
  }

  // Any integer.
  uint64_t count_or(std::string_view name, uint64_t fallback) {
    return taken(metadata_.find_unsigned(key(name))).value_or(fallback);
  }
  std::string_view string_or(std::string_view name, std::string_view fallback) {
    return taken(metadata_.find_string(key(name))).value_or(fallback);
  }
  std::optional<bool> find_flag(std::string_view name) { return taken(metadata_.find_bool(key(name))); }

  std::string key(std::string_view name) const { return prefix_ + std::string(name); }

  void refuse(ErrorCode code, std::string_view message) {
    if (!error_) error_ = Error(code, message);
  }
  Result<void> check() && {
    if (error_) return std::unexpected(*std::move(error_));
    return {};
  }

 private:
  template <class T>
  std::optional<T> taken(std::expected<std::optional<T>, Error> found) {
    if (found) return *found;
    if (!error_) error_ = std::move(found).error();
    return std::nullopt;
  }

  uint32_t checked(std::string_view name, uint64_t value, uint64_t limit) {
    if (value != 0 && value <= limit) return static_cast<uint32_t>(value);
    refuse(ErrorCode::invalid_model, concat(key(name), " is ", value, "; it must be 1 to ", limit));
    return 1;
  }

  const gguf::Metadata& metadata_;
  std::string prefix_;
  std::optional<Error> error_;
};

RopeScaling read_scaling(Keys& keys) {
  const std::string_view type = keys.string_or("rope.scaling.type", "linear");
  if (type == "none" || type == "longrope") return RopeScaling::none;  // LongRoPE's factors are tensors
  if (type == "linear") return RopeScaling::linear;
  if (type == "yarn") return RopeScaling::yarn;
  keys.refuse(ErrorCode::unsupported_architecture, concat(keys.key("rope.scaling.type"), " is \"", type,
                                                          "\"; known are none, linear, yarn and longrope"));
  return RopeScaling::none;
}

RopeConfig read_rope(Keys& keys, uint32_t key_length, uint32_t context_length) {
  RopeConfig rope{};
  rope.dimension_count = keys.length_or("rope.dimension_count", key_length);
  if (rope.dimension_count % 2 != 0 || rope.dimension_count > key_length) {
    keys.refuse(ErrorCode::invalid_model,
                concat(keys.key("rope.dimension_count"), " is ", rope.dimension_count,
                       "; it must be even and at most the head's length, ", key_length));
  }
  rope.freq_base = keys.number_or("rope.freq_base", 10000.0);
  rope.scaling = read_scaling(keys);
  // Older files say only by how much positions are to be divided, and the oldest say it as scale_linear.
  rope.factor = keys.number_or("rope.scaling.factor", keys.number_or("rope.scale_linear", 1.0));
  rope.original_context_length = keys.length_or("rope.scaling.original_context_length", context_length);
  rope.finetuned = keys.find_flag("rope.scaling.finetuned").value_or(true);
  rope.beta_fast = keys.number_or("rope.scaling.yarn_beta_fast", 32.0);
  rope.beta_slow = keys.number_or("rope.scaling.yarn_beta_slow", 1.0);
  // Not yarn_attn_factor: converters copy to it what a model calls attention_factor, which stands for
  // 0.1 ln(factor) + 1 instead of multiplying it; llama.cpp does not read it for these architectures either.
  rope.attention_factor = keys.number_or("rope.scaling.attn_factor", 1.0);
  return rope;
}

Pooling read_pooling(Keys& keys) {
  constexpr const char* kName = "pooling_type";
  const uint64_t type = keys.count_or(kName, 0);
  if (type <= static_cast<uint64_t>(Pooling::last)) return static_cast<Pooling>(type);
  if (type == 4) {
    keys.refuse(ErrorCode::unsupported_architecture,
                concat("the file ranks texts (", keys.key(kName), " is 4), which is not supported yet"));
  } else {
    keys.refuse(ErrorCode::invalid_model, concat(keys.key(kName), " is ", type, "; known are 0 to 4"));
  }
  return Pooling::none;
}

ExpertConfig read_experts(Keys& keys, const gguf::Header& header, uint32_t feed_forward_length) {
  ExpertConfig experts{};
  experts.count = keys.length_or("expert_count", 0);
  if (experts.count == 0) return experts;
  experts.used_count = keys.length("expert_used_count", experts.count);
  // Where a file does not say how long experts are, feed_forward_length may be of one or of those used.
  const auto rows_of = [&](const char* name, uint32_t otherwise) {
    const gguf::TensorInfo* tensor = header.find_tensor(name);
    return tensor != nullptr ? static_cast<uint32_t>(std::min(tensor->dims[1], kMaxLength)) : otherwise;
  };
  experts.feed_forward_length = keys.length_or("expert_feed_forward_length",
                                               rows_of("blk.0.ffn_gate_exps.weight", feed_forward_length));
  experts.shared_feed_forward_length =
      keys.length_or("expert_shared_feed_forward_length", rows_of("blk.0.ffn_gate_shexp.weight", 0));
  experts.weights_norm = keys.find_flag("expert_weights_norm");
  const double scale = keys.number_or("expert_weights_scale", 0);
  experts.weights_scale = scale != 0 ? static_cast<float>(scale) : 1;
  if (header.find_tensor("blk.0.ffn_gate.0.weight") != nullptr) {
    keys.refuse(ErrorCode::unsupported_format,
                "every expert has tensors of its own, such as blk.0.ffn_gate.0.weight, as in files before "
                "April 2024; convert the model again");
  }
  return experts;
}

// The embedding has a row for every token of the tokenizer; a file without one counts the rows.
Result<uint32_t> read_vocab_size(const gguf::Header& header) {
  CHORD_ASSIGN(const gguf::StringArray* tokens, header.metadata.find_strings("tokenizer.ggml.tokens"));
  const gguf::TensorInfo* embedding = header.find_tensor("token_embd.weight");
  const uint64_t size = tokens != nullptr ? tokens->size() : embedding != nullptr ? embedding->rows() : 0;
  if (size == 0 || size > kMaxLength) {
    return fail(ErrorCode::invalid_model, "the vocabulary has ", size, " tokens; it must have 1 to ",
                kMaxLength);
  }
  return static_cast<uint32_t>(size);
}

}  // namespace

Result<std::string> read_architecture(const gguf::Metadata& metadata) {
  CHORD_ASSIGN(const std::optional<std::string_view> name, metadata.find_string("general.architecture"));
  if (!name) return fail(ErrorCode::invalid_model, "the file has no general.architecture");
  return std::string(*name);
}

Result<Config> read_config(const gguf::Header& header) {
  Config config{};
  CHORD_ASSIGN(config.architecture, read_architecture(header.metadata));
  CHORD_ASSIGN(config.vocab_size, read_vocab_size(header));
  Keys keys(header.metadata, config.architecture);
  config.context_length = keys.length("context_length");
  config.embedding_length = keys.length("embedding_length");
  config.block_count = keys.length("block_count", kMaxBlockCount);
  config.feed_forward_length = keys.length("feed_forward_length");
  config.head_count = keys.length("attention.head_count");
  config.head_count_kv = keys.length_or("attention.head_count_kv", config.head_count);
  if (config.head_count % config.head_count_kv != 0) {
    keys.refuse(ErrorCode::invalid_model,
                concat(keys.key("attention.head_count"), " is ", config.head_count, ", not a multiple of ",
                       keys.key("attention.head_count_kv"), ", ", config.head_count_kv));
  }
  const uint32_t head_length = config.embedding_length / config.head_count;
  config.key_length = keys.length_or("attention.key_length", head_length);
  config.value_length = keys.length_or("attention.value_length", head_length);
  if (config.key_length == 0 || config.value_length == 0) {
    keys.refuse(ErrorCode::invalid_model,
                concat(keys.key("attention.head_count"), " is ", config.head_count,
                       ", more than the embedding_length of ", config.embedding_length));
  }
  const auto number_or_none = [&](const char* name) { return static_cast<float>(keys.number_or(name, 0)); };
  config.layer_norm_rms_epsilon = number_or_none("attention.layer_norm_rms_epsilon");
  config.layer_norm_epsilon = number_or_none("attention.layer_norm_epsilon");
  config.sliding_window = keys.length_or("attention.sliding_window", 0);
  config.attention_soft_cap = number_or_none("attn_logit_softcapping");
  config.logit_soft_cap = number_or_none("final_logit_softcapping");
  config.embedding_scale = number_or_none("embedding_scale");
  config.residual_scale = number_or_none("residual_scale");
  config.attention_scale = number_or_none("attention.scale");
  config.logit_scale = number_or_none("logit_scale");
  config.causal = keys.find_flag("attention.causal").value_or(true);
  config.pooling = read_pooling(keys);
  config.rope = read_rope(keys, config.key_length, config.context_length);
  config.experts = read_experts(keys, header, config.feed_forward_length);
  CHORD_CHECK(std::move(keys).check());
  return config;
}

std::unexpected<Error> fail_missing_epsilon(const Config& config, std::string_view name) {
  return fail(ErrorCode::invalid_model, "the file has no ", config.architecture, ".attention.", name,
              ", which its architecture needs");
}

}  // namespace chord::model
