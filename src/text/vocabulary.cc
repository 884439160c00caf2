#include "text/vocabulary.h"

#include <array>
#include <cmath>
#include <optional>
#include <string>

#include "text/end_of_generation.h"

namespace chord::text {
namespace {

constexpr std::string_view kTokensKey = "tokenizer.ggml.tokens";
constexpr std::string_view kTypesKey = "tokenizer.ggml.token_type";
constexpr std::string_view kScoresKey = "tokenizer.ggml.scores";

// The numbers of tokenizer.ggml.token_type, from the GGUF specification.
uint8_t flags_of_type(int64_t type) {
  switch (type) {
    case 1:
      return kNormalToken;
    case 2:
      return kUnknownToken;
    case 3:
      return kControlToken;
    case 4:
      return kUserDefinedToken;
    case 6:
      return kByteToken;
    default:
      return 0;  // unused, undefined
  }
}

Result<void> check_length(std::string_view key, size_t length, size_t tokens) {
  if (length == tokens) return {};
  return fail(ErrorCode::invalid_model, key, " has ", length, " elements, but ", kTokensKey, " has ", tokens);
}

Result<void> read_texts(const gguf::Metadata& metadata, Vocabulary& vocabulary) {
  CHORD_ASSIGN(const gguf::StringArray* texts, metadata.find_strings(kTokensKey));
  if (texts == nullptr) return fail_missing(kTokensKey);
  if (texts->empty()) return fail(ErrorCode::invalid_model, kTokensKey, " is empty");
  if (texts->size() > kMaxIndexed) {
    return fail(ErrorCode::invalid_model, kTokensKey, " has ", texts->size(), " elements; the limit is ",
                kMaxIndexed);
  }
  vocabulary.texts = *texts;
  vocabulary.index.reset(texts->size());
  for (uint32_t id = 0; id < texts->size(); ++id) {
    // A token without text cannot be found in any.
    if ((*texts)[id].empty()) continue;
    if (!vocabulary.index.insert(vocabulary.texts, id)) {
      return fail_degenerate(kTokensKey, id);
    }
  }
  return {};
}

Result<void> read_types(const gguf::Metadata& metadata, Vocabulary& vocabulary) {
  CHORD_ASSIGN(const auto types, metadata.find_integers(kTypesKey));
  vocabulary.flags.assign(vocabulary.size(), kNormalToken);
  if (!types) return {};
  CHORD_CHECK(check_length(kTypesKey, types->size(), vocabulary.size()));
  for (size_t id = 0; id < types->size(); ++id) vocabulary.flags[id] = flags_of_type((*types)[id]);
  return {};
}

Result<void> read_scores(const gguf::Metadata& metadata, Vocabulary& vocabulary) {
  CHORD_ASSIGN(auto scores, metadata.find_numbers(kScoresKey));
  if (!scores) return fail_missing(kScoresKey);
  CHORD_CHECK(check_length(kScoresKey, scores->size(), vocabulary.size()));
  for (size_t id = 0; id < scores->size(); ++id) {
    if (std::isnan((*scores)[id])) {
      return fail(ErrorCode::invalid_model, kScoresKey, "[", id, "] is not a number");
    }
  }
  vocabulary.scores = std::move(*scores);
  return {};
}

constexpr char kHexDigits[] = "0123456789ABCDEF";

int32_t hex_value(char c) {
  const size_t at = std::string_view(kHexDigits, 16).find(c);
  return at == std::string_view::npos ? -1 : static_cast<int32_t>(at);
}

}  // namespace

std::unexpected<Error> fail_missing(std::string_view key) {
  return fail(ErrorCode::invalid_model, key, " is missing; the tokenizer needs it");
}

std::unexpected<Error> fail_degenerate(std::string_view key, size_t element) {
  return fail(ErrorCode::invalid_model, key, " is made to slow down hashing (at element ", element, ")");
}

int32_t Vocabulary::find_byte(uint8_t byte) const {
  const std::array<char, 6> text = {'<', '0', 'x', kHexDigits[byte >> 4], kHexDigits[byte & 15], '>'};
  return find({text.data(), text.size()});
}

int32_t Vocabulary::byte_of(int32_t token) const {
  const std::string_view text = texts[static_cast<size_t>(token)];
  if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return -1;
  const int32_t high = hex_value(text[3]);
  const int32_t low = hex_value(text[4]);
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

Result<Vocabulary> read_vocabulary(const gguf::Metadata& metadata, const VocabularyDefaults& defaults) {
  Vocabulary vocabulary;
  CHORD_CHECK(read_texts(metadata, vocabulary));
  CHORD_CHECK(read_types(metadata, vocabulary));
  if (defaults.has_scores) {
    CHORD_CHECK(read_scores(metadata, vocabulary));
  }
  const auto read_id = [&](std::string_view key, int32_t otherwise) -> Result<int32_t> {
    if (metadata.find(key) != nullptr) return read_token_id(metadata, key, vocabulary.size());
    return otherwise < static_cast<int32_t>(vocabulary.size()) ? otherwise : -1;
  };
  CHORD_ASSIGN(vocabulary.bos, read_id("tokenizer.ggml.bos_token_id", defaults.bos));
  CHORD_ASSIGN(vocabulary.eos, read_id(defaults.eos_key, defaults.eos));
  CHORD_ASSIGN(vocabulary.unknown, read_id("tokenizer.ggml.unknown_token_id", defaults.unknown));
  CHORD_ASSIGN(const auto add_bos, metadata.find_bool("tokenizer.ggml.add_bos_token"));
  CHORD_ASSIGN(const auto add_eos, metadata.find_bool("tokenizer.ggml.add_eos_token"));
  vocabulary.add_bos = add_bos.value_or(defaults.add_bos);
  vocabulary.add_eos = add_eos.value_or(false);
  CHORD_CHECK(find_end_of_generation(metadata, vocabulary));
  return vocabulary;
}

}  // namespace chord::text
