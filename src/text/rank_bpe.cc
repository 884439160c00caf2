#include "text/rank_bpe.h"

#include <algorithm>
#include <string>

#include "text/byte_level.h"
#include "text/merger.h"
#include "text/utf8.h"

namespace chord::text {
namespace {

constexpr std::string_view kMergesKey = "tokenizer.ggml.merges";

// A character that is no token: nothing merges with it.
constexpr uint32_t kNoSymbol = UINT32_MAX;

// Symbols for texts: token ids, and numbers above them for texts that are no tokens.
class SymbolNames {
 public:
  explicit SymbolNames(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  // kNoSymbol if the table of the others is degenerate.
  uint32_t symbol(std::string_view text) {
    const int32_t token = vocabulary_.find(text);
    if (token >= 0) return static_cast<uint32_t>(token);
    const auto base = static_cast<uint32_t>(vocabulary_.size());
    const int32_t known = index_.find(others_, text);
    if (known >= 0) return base + static_cast<uint32_t>(known);
    const auto id = static_cast<uint32_t>(others_.size());
    others_.push_back(text);
    return add(id) ? base + id : kNoSymbol;
  }

 private:
  bool add(uint32_t id) {
    if (id < room_) return index_.insert(others_, id);
    room_ = std::max(2 * room_, 64u);
    index_.reset(room_);
    for (uint32_t i = 0; i <= id; ++i) {
      if (!index_.insert(others_, i)) return false;
    }
    return true;
  }

  const Vocabulary& vocabulary_;
  gguf::StringArray others_;
  TextIndex index_;
  uint32_t room_ = 0;
};

// The words of one text, as the merges need them. Kept from word to word to keep its memory.
class RankedSymbols final : public Merger::Symbols {
 public:
  explicit RankedSymbols(const MergeTable& merges) : merges_(merges) {}

  void clear() { symbols_.clear(); }
  void add(uint32_t symbol, uint32_t begin) { symbols_.push_back({symbol, begin}); }

  uint32_t size() const override { return static_cast<uint32_t>(symbols_.size()); }
  uint32_t symbol(uint32_t i) const { return symbols_[i].symbol; }
  uint32_t begin(uint32_t i) const { return i < size() ? symbols_[i].begin : end_; }
  void set_end(uint32_t end) { end_ = end; }

  uint32_t key(uint32_t left, uint32_t right) const override {
    return merges_.rank(symbols_[left].symbol, symbols_[right].symbol);
  }
  void merge(uint32_t left, uint32_t /*right*/, uint32_t key) override {
    symbols_[left].symbol = merges_.merged(key);
  }

 private:
  static_assert(MergeTable::kNone == Merger::kNoMerge);

  struct Symbol {
    uint32_t symbol;
    uint32_t begin;  // byte in the word
  };

  const MergeTable& merges_;
  std::vector<Symbol> symbols_;
  uint32_t end_ = 0;
};

// Valid UTF-8, and its characters.
class ClassifiedText {
 public:
  explicit ClassifiedText(std::string_view text) : text_(text) {
    chars_.reserve(text.size());
    bool canonical = true;
    for (size_t at = 0; at < text.size();) {
      const DecodedChar c = decode_lenient(text.substr(at));
      canonical = canonical && c.bytes == bytes(c.code_point);
      chars_.emplace_back(c.code_point);
      at += c.bytes == 0 ? 1 : c.bytes;
    }
    if (canonical) return;
    for (const ClassifiedChar c : chars_) append_utf8(c.code_point(), rewritten_);
    text_ = rewritten_;
  }
  ClassifiedText(const ClassifiedText&) = delete;
  ClassifiedText& operator=(const ClassifiedText&) = delete;

  std::span<const ClassifiedChar> chars() const { return chars_; }
  std::string_view text() const { return text_; }

  // The length of characters [begin, end) in the text.
  uint32_t bytes(uint32_t begin, uint32_t end) const {
    uint32_t sum = 0;
    for (uint32_t i = begin; i < end; ++i) sum += bytes(chars_[i].code_point());
    return sum;
  }

 private:
  static uint32_t bytes(uint32_t code_point) {
    if (code_point < 0x80) return 1;
    if (code_point < 0x800) return 2;
    return code_point < 0x10000 ? 3 : 4;
  }

  std::string_view text_;
  std::string rewritten_;
  std::vector<ClassifiedChar> chars_;
};

class Encoder {
 public:
  Encoder(const Vocabulary& vocabulary, const MergeTable& merges, const PreTokenizer& pre_tokenizer,
          const std::array<uint32_t, 256>& byte_symbols, std::vector<int32_t>& out)
      : vocabulary_(vocabulary),
        pre_tokenizer_(pre_tokenizer),
        byte_symbols_(byte_symbols),
        out_(out),
        symbols_(merges) {}

  void add_word(std::string_view word) {
    if (whole_word(word)) return;
    symbols_.clear();
    if (pre_tokenizer_.escapes_spaces) {
      start_with_chars(word);
    } else {
      start_with_bytes(word);
    }
    symbols_.set_end(static_cast<uint32_t>(word.size()));
    merger_.run(symbols_);
    for (uint32_t i = 0; i < symbols_.size(); i = merger_.next(i)) append(word, i);
  }

 private:
  bool whole_word(std::string_view word) {
    // Gemma 4 has tokens for rows of newlines, which its merges do not lead to.
    const bool newlines = pre_tokenizer_.escapes_spaces && word.front() == '\n';
    if (!pre_tokenizer_.ignore_merges && !newlines) return false;
    int32_t token;
    if (pre_tokenizer_.escapes_spaces) {
      token = vocabulary_.find(word);
    } else {
      spelled_.clear();
      for (const char c : word) append_utf8(letter_of_byte(static_cast<uint8_t>(c)), spelled_);
      token = vocabulary_.find(spelled_);
    }
    if (token >= 0) out_.push_back(token);
    return token >= 0;
  }

  void start_with_bytes(std::string_view word) {
    for (uint32_t at = 0; at < word.size(); ++at) {
      symbols_.add(byte_symbols_[static_cast<uint8_t>(word[at])], at);
    }
  }

  void start_with_chars(std::string_view word) {
    for (uint32_t at = 0; at < word.size();) {
      const uint32_t length = utf8_length(word[at]);
      const int32_t token = vocabulary_.find(word.substr(at, length));
      symbols_.add(token < 0 ? kNoSymbol : static_cast<uint32_t>(token), at);
      at += length;
    }
  }

  void append(std::string_view word, uint32_t i) {
    if (symbols_.symbol(i) < vocabulary_.size()) {
      out_.push_back(static_cast<int32_t>(symbols_.symbol(i)));
      return;
    }
    // Not a token: byte tokens, or letters where a letter is one byte. What neither spells is left out.
    const uint32_t begin = symbols_.begin(i);
    const uint32_t end = symbols_.begin(merger_.next(i));
    for (const char c : word.substr(begin, end - begin)) {
      const auto byte = static_cast<uint8_t>(c);
      const int32_t token = pre_tokenizer_.escapes_spaces ? vocabulary_.find_byte(byte)
                            : letter_of_byte(byte) < 0x80 ? vocabulary_.find({&c, 1})
                                                          : -1;
      if (token >= 0) out_.push_back(token);
    }
  }

  const Vocabulary& vocabulary_;
  const PreTokenizer& pre_tokenizer_;
  const std::array<uint32_t, 256>& byte_symbols_;
  std::vector<int32_t>& out_;
  RankedSymbols symbols_;
  Merger merger_;
  std::string spelled_;
};

}  // namespace

Result<RankBpe> RankBpe::create(const gguf::Metadata& metadata, const Vocabulary& vocabulary,
                                const PreTokenizer& pre_tokenizer) {
  CHORD_ASSIGN(const gguf::StringArray* merges, metadata.find_strings(kMergesKey));
  if (merges == nullptr) return fail_missing(kMergesKey);
  if (merges->size() > kMaxIndexed / 4) {
    return fail(ErrorCode::invalid_model, kMergesKey, " has ", merges->size(), " elements; the limit is ",
                kMaxIndexed / 4);
  }
  RankBpe bpe(pre_tokenizer);
  bpe.merges_.reset(merges->size());
  SymbolNames names(vocabulary);
  std::string merged;
  for (size_t rank = 0; rank < merges->size(); ++rank) {
    const std::string_view merge = (*merges)[rank];
    // Gemma 4 has merges of tokens that begin with a space, so the first byte separates nothing.
    const size_t space = merge.find(' ', 1);
    if (space == std::string_view::npos || space + 1 == merge.size()) {
      return fail(ErrorCode::invalid_model, kMergesKey, "[", rank, "] is \"", merge,
                  "\", where two tokens with a space between them are wanted");
    }
    const std::string_view left = merge.substr(0, space);
    const std::string_view right = merge.substr(space + 1);
    merged.assign(left).append(right);
    const uint32_t symbol = names.symbol(merged);
    if (symbol == kNoSymbol || !bpe.merges_.add(names.symbol(left), names.symbol(right), symbol)) {
      return fail_degenerate(kMergesKey, rank);
    }
  }
  for (uint32_t byte = 0; byte < bpe.byte_symbols_.size(); ++byte) {
    merged.clear();
    append_utf8(letter_of_byte(static_cast<uint8_t>(byte)), merged);
    bpe.byte_symbols_[byte] = names.symbol(merged);
  }
  return bpe;
}

void RankBpe::encode(const Vocabulary& vocabulary, std::string_view text, std::vector<int32_t>& out) const {
  const ClassifiedText classified(text);
  std::vector<uint32_t> ends;
  std::vector<uint32_t> scratch;
  split_words(*pre_tokenizer_, classified.chars(), ends, scratch);
  Encoder encoder(vocabulary, merges_, *pre_tokenizer_, byte_symbols_, out);
  std::string_view rest = classified.text();
  uint32_t begin = 0;
  for (const uint32_t end : ends) {
    const uint32_t length = classified.bytes(begin, end);
    encoder.add_word(rest.substr(0, length));
    rest.remove_prefix(length);
    begin = end;
  }
}

}  // namespace chord::text
