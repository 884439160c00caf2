#include "text/tokenizer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "text/byte_level.h"
#include "text/pre_tokenizer.h"
#include "text/rank_bpe.h"
#include "text/score_bpe.h"
#include "text/special_splitter.h"
#include "text/utf8.h"
#include "text/vocabulary.h"
#include "text/word_piece.h"

namespace chord::text {
namespace {

constexpr std::string_view kModelKey = "tokenizer.ggml.model";
constexpr std::string_view kPreKey = "tokenizer.ggml.pre";
constexpr std::string_view kEscapedSpace = "▁";

// Offsets into a text are 32 bits wide, and a space becomes three bytes.
constexpr size_t kMaxText = size_t{1} << 30;

void append_with_spaces_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == ' ') {
      out += kEscapedSpace;
    } else {
      out += c;
    }
  }
}

void append_with_spaces_unescaped(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const size_t at = std::min(text.find(kEscapedSpace), text.size());
    out += text.substr(0, at);
    text.remove_prefix(at);
    if (text.empty()) return;
    out += ' ';
    text.remove_prefix(kEscapedSpace.size());
  }
}

// The ids that SentencePiece's trainer gives, for files that name none.
constexpr VocabularyDefaults kLlamaDefaults = {
    .add_bos = true, .has_scores = true, .bos = 1, .eos = 2, .unknown = 0};

// Those of the vocabulary that BERT was published with. What ends a text is its separator.
constexpr VocabularyDefaults kBertDefaults = {
    .add_bos = true, .bos = 101, .eos = 102, .unknown = 100, .eos_key = "tokenizer.ggml.seperator_token_id"};

// Phi-3's special tokens swallow the white space after them, which no key of the file says.
Result<void> mark_phi3_tokens(const gguf::Metadata& metadata, Vocabulary& vocabulary) {
  CHORD_ASSIGN(const auto name, metadata.find_string("general.name"));
  std::string lower(name.value_or(""));
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  if (!lower.contains("phi-3") && !lower.contains("phi3")) return {};
  for (size_t id = 0; id < vocabulary.size(); ++id) {
    const std::string_view text = vocabulary.texts[id];
    if (text == "<unk>" || text == "<s>" || text == "<|endoftext|>") continue;
    uint8_t& flags = vocabulary.flags[id];
    if ((flags & (kControlToken | kUserDefinedToken | kUnknownToken)) != 0) flags |= kStripsRightToken;
  }
  return {};
}

}  // namespace

struct Tokenizer::State {
  Vocabulary vocabulary;
  std::optional<ScoreBpe> score_bpe;  // of these three, one
  std::optional<RankBpe> rank_bpe;
  std::optional<WordPiece> word_piece;
  std::optional<SpecialSplitter> specials;
  bool adds_space_prefix = false;
  std::string model;
  std::string pre_tokenizer_note;
  std::string chat_template;

  bool is_token(int32_t token) const { return token >= 0 && static_cast<size_t>(token) < vocabulary.size(); }
  bool escapes_spaces() const { return !rank_bpe || rank_bpe->pre_tokenizer().escapes_spaces; }

  Result<void> read_llama(const gguf::Metadata& metadata);
  Result<void> read_rank_bpe(const gguf::Metadata& metadata);
  Result<void> read_word_piece(const gguf::Metadata& metadata);
  Result<const PreTokenizer*> choose_pre_tokenizer(const gguf::Metadata& metadata);
  void encode_text(std::string_view text, bool after_special, std::vector<int32_t>& out) const;
};

Result<void> Tokenizer::State::read_llama(const gguf::Metadata& metadata) {
  CHORD_ASSIGN(vocabulary, read_vocabulary(metadata, kLlamaDefaults));
  CHORD_ASSIGN(const auto space_prefix, metadata.find_bool("tokenizer.ggml.add_space_prefix"));
  adds_space_prefix = space_prefix.value_or(true);
  score_bpe.emplace(vocabulary);
  return {};
}

Result<void> Tokenizer::State::read_rank_bpe(const gguf::Metadata& metadata) {
  CHORD_ASSIGN(const PreTokenizer* pre_tokenizer, choose_pre_tokenizer(metadata));
  CHORD_ASSIGN(vocabulary, read_vocabulary(metadata, {.add_bos = pre_tokenizer->add_bos}));
  // llama.cpp puts BOS before Gemma 4's prompts whatever the file says, since first files said it wrong.
  if (pre_tokenizer->escapes_spaces) vocabulary.add_bos = true;
  CHORD_ASSIGN(rank_bpe, RankBpe::create(metadata, vocabulary, *pre_tokenizer));
  return {};
}

Result<void> Tokenizer::State::read_word_piece(const gguf::Metadata& metadata) {
  CHORD_ASSIGN(vocabulary, read_vocabulary(metadata, kBertDefaults));
  // Whatever the file says, as in llama.cpp.
  vocabulary.add_bos = vocabulary.add_eos = true;
  adds_space_prefix = true;
  CHORD_ASSIGN(const auto lower_case, metadata.find_bool("tokenizer.ggml.normalizer.lowercase"));
  CHORD_ASSIGN(const auto strip_accents, metadata.find_bool("tokenizer.ggml.normalizer.strip_accents"));
  WordPieceRules rules;
  rules.lower_case = lower_case.value_or(true);
  rules.strip_accents = strip_accents.value_or(rules.lower_case);
  word_piece.emplace(vocabulary, rules);
  return {};
}

Result<const PreTokenizer*> Tokenizer::State::choose_pre_tokenizer(const gguf::Metadata& metadata) {
  if (model == "gemma4") return find_pre_tokenizer("gemma4");
  CHORD_ASSIGN(const auto name, metadata.find_string(kPreKey));
  const PreTokenizer* found = name ? find_pre_tokenizer(*name) : nullptr;
  if (found != nullptr) return found;
  pre_tokenizer_note =
      name ? concat(kPreKey, " is \"", *name, "\", which is not known") : concat(kPreKey, " is missing");
  pre_tokenizer_note +=
      "; the default rules are used, and text may be cut otherwise than the model was trained with";
  return &default_pre_tokenizer();
}

void Tokenizer::State::encode_text(std::string_view text, bool after_special,
                                   std::vector<int32_t>& out) const {
  if (word_piece) {
    word_piece->encode(vocabulary, text, out);
    return;
  }
  if (!escapes_spaces()) {
    rank_bpe->encode(vocabulary, text, out);
    return;
  }
  std::string escaped;
  escaped.reserve(text.size() + text.size() / 2);
  if (adds_space_prefix && after_special) escaped += kEscapedSpace;
  append_with_spaces_escaped(text, escaped);
  if (score_bpe) {
    score_bpe->encode(vocabulary, escaped, out);
  } else {
    rank_bpe->encode(vocabulary, escaped, out);
  }
}

Result<Tokenizer> Tokenizer::create(const gguf::Metadata& metadata) {
  CHORD_ASSIGN(const auto model, metadata.find_string(kModelKey));
  if (!model) return fail_missing(kModelKey);
  auto state = std::make_unique<State>();
  state->model = *model;
  if (*model == "llama") {
    CHORD_CHECK(state->read_llama(metadata));
  } else if (*model == "gpt2" || *model == "gemma4") {
    CHORD_CHECK(state->read_rank_bpe(metadata));
  } else if (*model == "bert") {
    CHORD_CHECK(state->read_word_piece(metadata));
  } else {
    return fail(ErrorCode::unsupported_format, kModelKey, " is \"", *model,
                "\"; chord knows \"llama\", \"gpt2\", \"gemma4\" and \"bert\"");
  }
  CHORD_CHECK(mark_phi3_tokens(metadata, state->vocabulary));
  state->specials.emplace(state->vocabulary);
  CHORD_ASSIGN(const auto chat_template, metadata.find_string("tokenizer.chat_template"));
  state->chat_template = chat_template.value_or("");
  return Tokenizer(std::move(state));
}

Tokenizer::Tokenizer(std::unique_ptr<const State> state) : state_(std::move(state)) {}
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

std::vector<int32_t> Tokenizer::encode(std::string_view text, EncodeOptions options) const {
  const Vocabulary& vocabulary = state_->vocabulary;
  std::vector<int32_t> out;
  if (options.bos && vocabulary.bos >= 0) out.push_back(vocabulary.bos);
  bool after_special = true;
  while (!text.empty()) {
    const std::string_view block = text.substr(0, kMaxText);
    text.remove_prefix(block.size());
    for (const auto& part : state_->specials->split(vocabulary, block, options.special)) {
      after_special = after_special || part.token >= 0;
      if (part.token >= 0) {
        out.push_back(part.token);
      } else {
        state_->encode_text(block.substr(part.begin, part.end - part.begin), after_special, out);
        after_special = false;
      }
    }
  }
  if (options.eos && vocabulary.eos >= 0) out.push_back(vocabulary.eos);
  return out;
}

void Tokenizer::append_piece(int32_t token, bool special, std::string& out) const {
  if (!state_->is_token(token)) return;
  const Vocabulary& vocabulary = state_->vocabulary;
  const std::string_view text = vocabulary.texts[static_cast<size_t>(token)];
  if (vocabulary.has(token, kControlToken | kUnknownToken)) {
    if (special) out += text;
  } else if (vocabulary.has(token, kUserDefinedToken)) {
    out += text;
  } else if (const int32_t byte = vocabulary.has(token, kByteToken) ? vocabulary.byte_of(token) : -1;
             byte >= 0) {
    out += static_cast<char>(byte);
  } else if (!vocabulary.has(token, kNormalToken | kByteToken)) {
    return;
  } else if (state_->escapes_spaces()) {
    append_with_spaces_unescaped(text, out);
  } else {
    append_bytes_of_letters(text, out);
  }
}

std::string Tokenizer::decode(std::span<const int32_t> tokens, bool special) const {
  std::string out;
  bool begins_text = state_->adds_space_prefix;
  for (const int32_t token : tokens) {
    const size_t before = out.size();
    append_piece(token, special, out);
    // As encode() puts a space at the beginning and after every control token.
    if (begins_text && !is_special(token) && before < out.size() && out[before] == ' ') out.erase(before, 1);
    begins_text = state_->adds_space_prefix && is_special(token);
  }
  return out;
}

int32_t Tokenizer::vocab_size() const {
  return static_cast<int32_t>(state_->vocabulary.size());
}

std::string_view Tokenizer::token_text(int32_t token) const {
  return state_->is_token(token) ? state_->vocabulary.texts[static_cast<size_t>(token)] : std::string_view();
}

int32_t Tokenizer::find_token(std::string_view text) const {
  return state_->vocabulary.find(text);
}

int32_t Tokenizer::bos() const {
  return state_->vocabulary.bos;
}
int32_t Tokenizer::eos() const {
  return state_->vocabulary.eos;
}
int32_t Tokenizer::eot() const {
  return state_->vocabulary.eot;
}
int32_t Tokenizer::unknown() const {
  return state_->vocabulary.unknown;
}
bool Tokenizer::add_bos() const {
  return state_->vocabulary.add_bos && bos() >= 0;
}
bool Tokenizer::add_eos() const {
  return state_->vocabulary.add_eos && eos() >= 0;
}

bool Tokenizer::is_end_of_generation(int32_t token) const {
  return std::ranges::binary_search(end_of_generation_tokens(), token);
}

const std::vector<int32_t>& Tokenizer::end_of_generation_tokens() const {
  return state_->vocabulary.end_of_generation;
}

bool Tokenizer::is_control(int32_t token) const {
  return state_->is_token(token) && state_->vocabulary.has(token, kControlToken);
}

bool Tokenizer::is_special(int32_t token) const {
  return state_->is_token(token) &&
         state_->vocabulary.has(token, kControlToken | kUnknownToken | kUserDefinedToken);
}

std::string_view Tokenizer::model() const {
  return state_->model;
}

std::string_view Tokenizer::pre_tokenizer() const {
  return state_->rank_bpe ? state_->rank_bpe->pre_tokenizer().name : std::string_view();
}

std::string_view Tokenizer::pre_tokenizer_note() const {
  return state_->pre_tokenizer_note;
}

std::string_view Tokenizer::chat_template() const {
  return state_->chat_template;
}

}  // namespace chord::text
