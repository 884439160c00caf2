#include "text/score_bpe.h"

#include <algorithm>
#include <bit>

#include "text/utf8.h"

namespace chord::text {
namespace {

constexpr std::string_view kSpace = "▁";

// Where the first word of `text` ends: at the first "▁" after another character.
size_t word_end(std::string_view text) {
  size_t at = 0;
  while (text.substr(at).starts_with(kSpace)) at += kSpace.size();
  const size_t end = text.find(kSpace, at);
  return end == std::string_view::npos ? text.size() : end;
}

// Orders as scores do, the other way round: the best score has the lowest key. Below Merger::kNoMerge.
uint32_t key_of_score(float score) {
  const auto bits = std::bit_cast<uint32_t>(score + 0.0F);  // -0 counts as 0
  const uint32_t ascending = (bits >> 31) != 0 ? ~bits : bits | 0x80000000;
  return ~ascending;
}

// The symbols of a word: pieces of its text, first one character each.
class ScoredSymbols final : public Merger::Symbols {
 public:
  ScoredSymbols(const Vocabulary& vocabulary, uint32_t longest)
      : vocabulary_(vocabulary), longest_(longest) {}

  void start(std::string_view text) {
    text_ = text;
    symbols_.clear();
    for (size_t at = 0; at < text.size();) {
      const size_t length = std::min<size_t>(utf8_length(text[at]), text.size() - at);
      symbols_.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(length)});
      at += length;
    }
  }
  uint32_t size() const override { return static_cast<uint32_t>(symbols_.size()); }
  std::string_view text(uint32_t symbol) const {
    return text_.substr(symbols_[symbol].begin, symbols_[symbol].length);
  }

  uint32_t key(uint32_t left, uint32_t right) const override {
    const uint32_t length = symbols_[left].length + symbols_[right].length;
    if (length > longest_) return Merger::kNoMerge;
    const int32_t token = vocabulary_.find(text_.substr(symbols_[left].begin, length));
    return token < 0 ? Merger::kNoMerge : key_of_score(vocabulary_.scores[static_cast<size_t>(token)]);
  }
  void merge(uint32_t left, uint32_t right, uint32_t /*key*/) override {
    symbols_[left].length += symbols_[right].length;
  }

 private:
  struct Symbol {
    uint32_t begin;
    uint32_t length;
  };

  const Vocabulary& vocabulary_;
  uint32_t longest_;
  std::string_view text_;
  std::vector<Symbol> symbols_;
};

void append_token(const Vocabulary& vocabulary, std::string_view text, std::vector<int32_t>& out) {
  const int32_t token = vocabulary.find(text);
  if (token >= 0) {
    out.push_back(token);
    return;
  }
  for (const char c : text) {
    int32_t byte = vocabulary.find_byte(static_cast<uint8_t>(c));
    if (byte < 0) byte = vocabulary.find({&c, 1});
    if (byte < 0) byte = vocabulary.unknown;
    if (byte >= 0) out.push_back(byte);
  }
}

}  // namespace

ScoreBpe::ScoreBpe(const Vocabulary& vocabulary) {
  for (size_t id = 0; id < vocabulary.size(); ++id) {
    const std::string_view text = vocabulary.texts[id];
    longest_ = std::max(longest_, static_cast<uint32_t>(text.size()));
    if (word_end(text) != text.size()) space_begins_words_ = false;
  }
}

void ScoreBpe::encode(const Vocabulary& vocabulary, std::string_view text, std::vector<int32_t>& out) const {
  ScoredSymbols word(vocabulary, longest_);
  Merger merger;
  while (!text.empty()) {
    // Nothing can merge across the beginning of a word, so words can be merged one by one.
    const size_t end = space_begins_words_ ? word_end(text) : text.size();
    word.start(text.substr(0, end));
    text.remove_prefix(end);
    merger.run(word);
    for (uint32_t i = 0; i < word.size(); i = merger.next(i)) append_token(vocabulary, word.text(i), out);
  }
}

}  // namespace chord::text
