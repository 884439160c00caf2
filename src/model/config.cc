#include "model/config.h"

#include <string_view>

namespace chord::model {
namespace {

// Above any model there is, and small enough that products of two fit 64 bits and sizes fit the planner's.
constexpr uint64_t kMaxLength = 1 << 24;
constexpr uint64_t kMaxBlockCount = 1 << 10;

// Reads <architecture>.<name>, with errors that name the whole key.
class Keys {
 public:
  Keys(const gguf::Metadata& metadata, std::string_view architecture)
      : metadata_(metadata), prefix_(concat(architecture, ".")) {}

  Result<uint32_t> length(std::string_view name, uint64_t limit = kMaxLength) const {
    CHORD_ASSIGN(const std::optional<uint64_t> value, metadata_.find_unsigned(key(name)));
    if (!value)
      return fail(ErrorCode::invalid_model, "the file has no ", key(name), ", which its architecture needs");
    return checked(name, *value, limit);
  }

  Result<uint32_t> length_or(std::string_view name, uint32_t fallback) const {
    CHORD_ASSIGN(const std::optional<uint64_t> value, metadata_.find_unsigned(key(name)));
    if (!value) return fallback;
    return checked(name, *value, kMaxLength);
  }

  // Positive and finite.
  Result<double> number_or(std::string_view name, double fallback) const {
    CHORD_ASSIGN(const std::optional<double> value, metadata_.find_number(key(name)));
    if (!value) return fallback;
    if (!(*value > 0 && *value < 1e30)) {
      return fail(ErrorCode::invalid_model, key(name), " is ", *value, ", which is not a positive number");
    }
    return *value;
  }

  Result<std::string_view> string_or(std::string_view name, std::string_view fallback) const {
    CHORD_ASSIGN(const std::optional<std::string_view> value, metadata_.find_string(key(name)));
    return value.value_or(fallback);
  }

  Result<bool> flag_or(std::string_view name, bool fallback) const {
    CHORD_ASSIGN(const std::optional<bool> value, metadata_.find_bool(key(name)));
    return value.value_or(fallback);
  }

  std::string key(std::string_view name) const { return prefix_ + std::string(name); }

 private:
  Result<uint32_t> checked(std::string_view name, uint64_t value, uint64_t limit) const {
    if (value == 0 || value > limit) {
      return fail(ErrorCode::invalid_model, key(name), " is ", value, "; it must be 1 to ", limit);
    }
    return static_cast<uint32_t>(value);
  }

  const gguf::Metadata& metadata_;
  std::string prefix_;
};

Result<RopeConfig> read_rope(const Keys& keys, uint32_t key_length, uint32_t context_length) {
  RopeConfig rope{};
  CHORD_ASSIGN(rope.dimension_count, keys.length_or("rope.dimension_count", key_length));
  if (rope.dimension_count % 2 != 0 || rope.dimension_count > key_length) {
    return fail(ErrorCode::invalid_model, keys.key("rope.dimension_count"), " is ", rope.dimension_count,
                "; it must be even and at most the head's length, ", key_length);
  }
  CHORD_ASSIGN(rope.freq_base, keys.number_or("rope.freq_base", 10000.0));

  // Older files say only by how much positions are to be divided, and the oldest say it as scale_linear.
  CHORD_ASSIGN(const double scale_linear, keys.number_or("rope.scale_linear", 1.0));
  CHORD_ASSIGN(const std::string_view type, keys.string_or("rope.scaling.type", "linear"));
  CHORD_ASSIGN(rope.factor, keys.number_or("rope.scaling.factor", scale_linear));
  CHORD_ASSIGN(rope.original_context_length,
               keys.length_or("rope.scaling.original_context_length", context_length));
  CHORD_ASSIGN(rope.beta_fast, keys.number_or("rope.scaling.yarn_beta_fast", 32.0));
  CHORD_ASSIGN(rope.beta_slow, keys.number_or("rope.scaling.yarn_beta_slow", 1.0));
  // Not yarn_attn_factor: converters copy to it what a model calls attention_factor, which stands for
  // 0.1 ln(factor) + 1 instead of multiplying it; llama.cpp does not read it for these architectures either.
  CHORD_ASSIGN(rope.attention_factor, keys.number_or("rope.scaling.attn_factor", 1.0));
  if (type == "none") {
    rope.scaling = RopeScaling::none;
  } else if (type == "linear") {
    rope.scaling = RopeScaling::linear;
  } else if (type == "yarn") {
    rope.scaling = RopeScaling::yarn;
  } else {
    return fail(ErrorCode::unsupported_architecture, keys.key("rope.scaling.type"), " is \"", type,
                "\"; known are none, linear and yarn");
  }
  return rope;
}

Result<Pooling> read_pooling(const gguf::Metadata& metadata, const std::string& key) {
  CHORD_ASSIGN(const std::optional<uint64_t> type, metadata.find_unsigned(key));
  if (!type || *type <= static_cast<uint64_t>(Pooling::last)) return static_cast<Pooling>(type.value_or(0));
  if (*type == 4) {
    return fail(ErrorCode::unsupported_architecture, "the file ranks texts (", key,
                " is 4), which is not supported yet");
  }
  return fail(ErrorCode::invalid_model, key, " is ", *type, "; known are 0 to 4");
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
  const Keys keys(header.metadata, config.architecture);

  CHORD_ASSIGN(config.vocab_size, read_vocab_size(header));
  CHORD_ASSIGN(config.context_length, keys.length("context_length"));
  CHORD_ASSIGN(config.embedding_length, keys.length("embedding_length"));
  CHORD_ASSIGN(config.block_count, keys.length("block_count", kMaxBlockCount));
  CHORD_ASSIGN(config.feed_forward_length, keys.length("feed_forward_length"));
  CHORD_ASSIGN(config.head_count, keys.length("attention.head_count"));
  CHORD_ASSIGN(config.head_count_kv, keys.length_or("attention.head_count_kv", config.head_count));
  if (config.head_count % config.head_count_kv != 0) {
    return fail(ErrorCode::invalid_model, keys.key("attention.head_count"), " is ", config.head_count,
                ", not a multiple of ", keys.key("attention.head_count_kv"), ", ", config.head_count_kv);
  }
  const uint32_t head_length = config.embedding_length / config.head_count;
  CHORD_ASSIGN(config.key_length, keys.length_or("attention.key_length", head_length));
  CHORD_ASSIGN(config.value_length, keys.length_or("attention.value_length", head_length));
  if (config.key_length == 0 || config.value_length == 0) {
    return fail(ErrorCode::invalid_model, keys.key("attention.head_count"), " is ", config.head_count,
                ", more than the embedding_length of ", config.embedding_length);
  }
  CHORD_ASSIGN(const double rms_epsilon, keys.number_or("attention.layer_norm_rms_epsilon", 0));
  CHORD_ASSIGN(const double epsilon, keys.number_or("attention.layer_norm_epsilon", 0));
  config.layer_norm_rms_epsilon = static_cast<float>(rms_epsilon);
  config.layer_norm_epsilon = static_cast<float>(epsilon);
  CHORD_ASSIGN(config.causal, keys.flag_or("attention.causal", true));
  CHORD_ASSIGN(config.pooling, read_pooling(header.metadata, keys.key("pooling_type")));
  CHORD_ASSIGN(config.rope, read_rope(keys, config.key_length, config.context_length));

  CHORD_ASSIGN(const uint32_t expert_count, [&]() -> Result<uint32_t> {
    CHORD_ASSIGN(const std::optional<uint64_t> count,
                 header.metadata.find_unsigned(keys.key("expert_count")));
    return static_cast<uint32_t>(count.value_or(0) > 0);
  }());
  if (expert_count > 0) {
    return fail(ErrorCode::unsupported_architecture, "the file is a mixture of experts (",
                keys.key("expert_count"), " is above 0), which is not supported yet");
  }
  return config;
}

std::unexpected<Error> fail_missing_epsilon(const Config& config, std::string_view name) {
  return fail(ErrorCode::invalid_model, "the file has no ", config.architecture, ".attention.", name,
              ", which its architecture needs");
}

}  // namespace chord::model
