// Small vocabularies for tests and fuzz targets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gguf/metadata.h"

namespace chord::text {

class TestVocabulary {
 public:
  enum Type : int32_t { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };

  explicit TestVocabulary(std::string model) : model_(std::move(model)) {}

  // Adds a token and returns its id.
  int32_t add(std::string_view text, float score = 0, Type type = normal) {
    tokens_.push_back(text);
    scores_.push_back(score);
    types_.push_back(type);
    return static_cast<int32_t>(tokens_.size()) - 1;
  }
  void add_merge(std::string_view merge) { merges_.push_back(merge); }
  void set(std::string key, auto value) { extra_.set(std::move(key), {std::move(value)}); }

  gguf::Metadata metadata() const {
    gguf::Metadata metadata = extra_;
    metadata.set("tokenizer.ggml.model", {model_});
    metadata.set("tokenizer.ggml.tokens", {gguf::Array(tokens_)});
    metadata.set("tokenizer.ggml.token_type", {gguf::Array(types_)});
    if (model_ == "llama") {
      metadata.set("tokenizer.ggml.scores", {gguf::Array(scores_)});
    } else {
      metadata.set("tokenizer.ggml.merges", {gguf::Array(merges_)});
    }
    return metadata;
  }

 private:
  std::string model_;
  gguf::StringArray tokens_;
  std::vector<float> scores_;
  std::vector<int32_t> types_;
  gguf::StringArray merges_;
  gguf::Metadata extra_;
};

}  // namespace chord::text
