// The tokens of a file: texts, scores, types, and the ids that have a meaning of their own.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "gguf/metadata.h"
#include "text/text_index.h"

namespace chord::text {

// What a token is. Bits, since a token that the file calls normal can turn out to be a control token.
enum TokenFlag : uint8_t {
  kNormalToken = 1,
  kUnknownToken = 2,
  kControlToken = 4,
  kUserDefinedToken = 8,
  kByteToken = 16,        // "<0x0A>": a byte that no other token can spell
  kStripsRightToken = 32  // swallows the white space that follows it in a text
};

struct Vocabulary {
  gguf::StringArray texts;
  std::vector<uint8_t> flags;  // TokenFlag bits; 0 for unused tokens
  std::vector<float> scores;   // empty unless asked for
  TextIndex index;

  int32_t bos = -1;
  int32_t eos = -1;
  int32_t eot = -1;
  int32_t unknown = -1;
  bool add_bos = false;
  bool add_eos = false;
  std::vector<int32_t> end_of_generation;  // ascending

  size_t size() const { return texts.size(); }
  int32_t find(std::string_view text) const { return index.find(texts, text); }
  bool has(int32_t token, uint8_t any_of) const { return (flags[static_cast<size_t>(token)] & any_of) != 0; }

  // The token of one byte, "<0x0A>"; or -1.
  int32_t find_byte(uint8_t byte) const;

  // The byte of such a token; or -1.
  int32_t byte_of(int32_t token) const;
};

// Errors (invalid_model) that several arrays of a file can make.
std::unexpected<Error> fail_missing(std::string_view key);
std::unexpected<Error> fail_degenerate(std::string_view key, size_t element);

// What a kind of tokenizer takes for granted where a file does not say.
struct VocabularyDefaults {
  bool add_bos = false;
  bool has_scores = false;  // scores are required
  // Taken if they are ids of the vocabulary.
  int32_t bos = -1;
  int32_t eos = -1;
  int32_t unknown = -1;
  std::string_view eos_key = "tokenizer.ggml.eos_token_id";
};

// Reads tokens, token types, scores and special ids. The tokens that end a generation are found as
// end_of_generation.h says.
Result<Vocabulary> read_vocabulary(const gguf::Metadata& metadata, const VocabularyDefaults& defaults);

}  // namespace chord::text
