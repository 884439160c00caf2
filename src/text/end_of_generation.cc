#include "text/end_of_generation.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

namespace chord::text {
namespace {

using Texts = std::initializer_list<std::string_view>;

constexpr Texts kEndOfTurn = {
    "<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>",         "<|endoftext|>",      "<|end_of_text|>",
    "<EOT>",      "_<EOT>",     "[EOT]",   "<｜end▁of▁sentence｜>", "<end_of_utterance>",
};

constexpr Texts kEndOfMessage = {"<|eom_id|>"};

constexpr Texts kEnds = {
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<|flush|>",
    "<|calls|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "</s>",
    "<|eom_id|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<eos>",
    "<turn|>",
    "<|end_of_text|>",
    "<end_of_utterance>",
    "<|tool_response>",
    "<｜end▁of▁sentence｜>",
};

// Fill-in-the-middle. The tokens that begin a part do not end a generation, but are control tokens.
struct FillToken {
  std::string_view key;
  std::string_view old_key;  // as older files name it, or ""
  bool ends;
  Texts texts;
};

constexpr FillToken kFillTokens[] = {
    {"tokenizer.ggml.fim_pre_token_id",
     "tokenizer.ggml.prefix_token_id",
     false,
     {"<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>",
      "<|code_prefix|>", "<|prefix|>"}},
    {"tokenizer.ggml.fim_suf_token_id",
     "tokenizer.ggml.suffix_token_id",
     false,
     {"<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>",
      "<|code_suffix|>", "<|suffix|>"}},
    {"tokenizer.ggml.fim_mid_token_id",
     "tokenizer.ggml.middle_token_id",
     false,
     {"<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "<|code_middle|>",
      "<|middle|>"}},
    {"tokenizer.ggml.fim_pad_token_id",
     "",
     true,
     {"<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"}},
    {"tokenizer.ggml.fim_rep_token_id",
     "",
     true,
     {"<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"}},
    {"tokenizer.ggml.fim_sep_token_id", "", true, {"<|file_sep|>"}},
};

class Finder {
 public:
  Finder(const gguf::Metadata& metadata, Vocabulary& vocabulary)
      : metadata_(metadata), vocabulary_(vocabulary) {}

  Result<void> run() {
    add(vocabulary_.eos);
    CHORD_ASSIGN(vocabulary_.eot, named_or_known("tokenizer.ggml.eot_token_id", kEndOfTurn));
    add(vocabulary_.eot);
    CHORD_ASSIGN(const int32_t end_of_message, named_or_known("tokenizer.ggml.eom_token_id", kEndOfMessage));
    add(end_of_message);
    CHORD_CHECK(add_fill_tokens());
    for (const std::string_view text : kEnds) {
      const int32_t token = vocabulary_.find(text);
      if (token < 0) continue;
      mark_control(token);
      add(token);
    }
    correct_harmony();
    correct_gemma();
    return {};
  }

 private:
  std::vector<int32_t>& ends() { return vocabulary_.end_of_generation; }
  uint8_t& flags(int32_t token) { return vocabulary_.flags[static_cast<size_t>(token)]; }

  void add(int32_t token) {
    const auto at = std::ranges::lower_bound(ends(), token);
    if (token >= 0 && (at == ends().end() || *at != token)) ends().insert(at, token);
  }
  bool ends_with(std::string_view text) {
    return std::ranges::find(ends(), vocabulary_.find(text)) != ends().end();
  }
  void mark_control(int32_t token) { flags(token) |= kControlToken; }

  Result<int32_t> named_or_known(std::string_view key, Texts texts) {
    CHORD_ASSIGN(const int32_t named, read_token_id(metadata_, key, vocabulary_.size()));
    if (named >= 0) return named;
    for (const std::string_view text : texts) {
      const int32_t token = vocabulary_.find(text);
      if (token < 0) continue;
      mark_control(token);
      return token;
    }
    return -1;
  }

  Result<void> add_fill_tokens() {
    for (const FillToken& fill : kFillTokens) {
      int32_t token = -1;
      if (!fill.old_key.empty()) {
        CHORD_ASSIGN(token, read_token_id(metadata_, fill.old_key, vocabulary_.size()));
      }
      if (token < 0) {
        CHORD_ASSIGN(token, named_or_known(fill.key, fill.texts));
      }
      if (fill.ends) add(token);
    }
    return {};
  }

  // The marks inside gpt-oss's ("harmony") and Solar's turns are text to show, and <|end|> ends a part of the
  // turn, not the turn.
  void correct_harmony() {
    for (const std::string_view text : {"<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"}) {
      const int32_t token = vocabulary_.find(text);
      if (token >= 0) flags(token) = kUserDefinedToken;
    }
    const bool calls = ends_with("<|call|>") || ends_with("<|calls|>");
    if (!calls || !(ends_with("<|return|>") || ends_with("<|flush|>"))) return;
    remove("<|end|>", kUserDefinedToken);
  }

  // Gemma 4's vocabulary has </s> as the HTML tag.
  void correct_gemma() {
    if (ends_with("<|tool_response>")) remove("</s>", kNormalToken);
  }

  void remove(std::string_view text, uint8_t new_flags) {
    const int32_t token = vocabulary_.find(text);
    if (token < 0) return;
    std::erase(ends(), token);
    flags(token) = new_flags;
  }

  const gguf::Metadata& metadata_;
  Vocabulary& vocabulary_;
};

}  // namespace

Result<int32_t> read_token_id(const gguf::Metadata& metadata, std::string_view key, size_t vocab_size) {
  CHORD_ASSIGN(const std::optional<uint64_t> id, metadata.find_unsigned(key));
  if (!id || *id == UINT32_MAX) return -1;
  if (*id < vocab_size) return static_cast<int32_t>(*id);
  return fail(ErrorCode::invalid_model, key, " is ", *id, ", but the vocabulary has ", vocab_size, " tokens");
}

Result<void> find_end_of_generation(const gguf::Metadata& metadata, Vocabulary& vocabulary) {
  return Finder(metadata, vocabulary).run();
}

}  // namespace chord::text
