// Text to token ids and back, as the metadata of a GGUF file (tokenizer.ggml.*) describes it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "gguf/metadata.h"

namespace chord::text {

// Stands for "the file names no such token".
inline constexpr int32_t kNoToken = -1;

struct EncodeOptions {
  // The text of control tokens ("<|im_start|>") becomes these tokens. If false it is ordinary text, as text
  // that a user typed should be. Tokens that the file calls user-defined are recognised either way.
  bool special = true;
  bool bos = false;  // BOS first, if the file names one. Generation passes tokenizer.add_bos() here
  bool eos = false;  // EOS last, if the file names one. Generation passes tokenizer.add_eos() here
};

class Tokenizer {
 public:
  // Reads tokenizer.ggml.model and what belongs to it; the metadata is not needed afterwards.
  // Models: "llama" (SentencePiece-style BPE by score, with byte fallback), "gpt2" (byte-level BPE with
  // merges), "gemma4" (BPE with merges over UTF-8, with byte fallback) and "bert" (WordPiece, whose BOS and
  // EOS are [CLS] and [SEP]). Another model is unsupported_format; arrays that are missing or of different
  // lengths, ids out of range and merges that do not parse are invalid_model.
  static Result<Tokenizer> create(const gguf::Metadata& metadata);

  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  // Takes any bytes. What is not UTF-8 is encoded byte by byte where the model has tokens for bytes of text
  // ("llama"); elsewhere each such byte counts as U+FFFD. Time is O(n log n) in the length of the text.
  std::vector<int32_t> encode(std::string_view text, EncodeOptions options = {}) const;

  // Appends the bytes that the token stands for, which may be a part of a UTF-8 sequence (see detokenizer.h).
  // Control tokens give their name ("<|im_end|>") if `special`, else nothing. Ids out of range, and tokens
  // that the file calls unused, give nothing.
  void append_piece(int32_t token, bool special, std::string& out) const;

  // The pieces of all tokens. Where the model puts a space before a text, the space that begins the text is
  // taken away again, so that decode(encode(text)) == text for UTF-8 text; but for "bert", which keeps
  // neither spaces nor case.
  std::string decode(std::span<const int32_t> tokens, bool special = false) const;

  int32_t vocab_size() const;
  std::string_view token_text(int32_t token) const;  // as the file has it ("Ġthe"); "" if out of range
  int32_t find_token(std::string_view text) const;   // by the text as the file has it; or kNoToken

  int32_t bos() const;
  int32_t eos() const;
  int32_t eot() const;  // end of a turn ("<|im_end|>"), or kNoToken
  int32_t unknown() const;
  bool add_bos() const;  // whether the model expects BOS before a prompt
  bool add_eos() const;

  // Whether generation ends with this token: the EOS, EOT and EOM that the file names, and tokens whose text
  // is known to end a turn or a text ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", …).
  bool is_end_of_generation(int32_t token) const;
  const std::vector<int32_t>& end_of_generation_tokens() const;  // ascending

  bool is_control(int32_t token) const;
  bool is_special(int32_t token) const;  // control, unknown or user-defined

  std::string_view model() const;          // "llama", "gpt2", "gemma4" or "bert"
  std::string_view pre_tokenizer() const;  // the rules in use, e.g. "llama-bpe"; "" for "llama" and "bert"
  // Empty, or why these are not the rules that the file asks for: `tokenizer.ggml.pre is "x", which ...`.
  std::string_view pre_tokenizer_note() const;

  // tokenizer.chat_template, or "" if the file has none.
  std::string_view chat_template() const;

 private:
  struct State;
  explicit Tokenizer(std::unique_ptr<const State> state);
  std::unique_ptr<const State> state_;
};

}  // namespace chord::text
