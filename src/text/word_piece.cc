#include "text/word_piece.h"

#include <algorithm>
#include <string>

#include "text/char_class.h"
#include "text/fold.h"
#include "text/utf8.h"

namespace chord::text {
namespace {

constexpr std::string_view kWordBegin = "▁";

// Longer than any token that a trainer makes: a file that has one of a megabyte must not make words slow.
constexpr size_t kMaxTokenBytes = 256;

// Ideographs, each of which is a word: the blocks that BERT's own code lists, with the one that Hugging
// Face's got wrong (2B920 for 2B820) as models were trained with it.
bool is_ideograph(uint32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x2F800 && c <= 0x2FA1F);
}

}  // namespace

WordPiece::WordPiece(const Vocabulary& vocabulary, WordPieceRules rules) : rules_(rules) {
  for (size_t id = 0; id < vocabulary.size(); ++id)
    longest_ = std::max(longest_, vocabulary.texts[id].size());
  longest_ = std::min(longest_, kMaxTokenBytes);
}

void WordPiece::encode(const Vocabulary& vocabulary, std::string_view text, std::vector<int32_t>& out) const {
  std::string word(kWordBegin);
  const auto end_word = [&] {
    if (word.size() != kWordBegin.size()) append_word(vocabulary, word, out);
    word.resize(kWordBegin.size());
  };
  while (!text.empty()) {
    const DecodedChar decoded = decode_lenient(text);
    text.remove_prefix(std::max(decoded.bytes, 1U));
    const uint32_t c = rules_.strip_accents ? base_character(decoded.code_point) : decoded.code_point;
    const CharClass kind = char_class(c);
    if (kind == CharClass::space) {
      end_word();
      continue;
    }
    if (c == kReplacementCharacter || is_control_character(c)) continue;
    if (rules_.strip_accents && kind == CharClass::mark) continue;
    const bool is_word =
        kind == CharClass::punctuation || (kind == CharClass::symbol && c < 0x7F) || is_ideograph(c);
    if (is_word) end_word();
    append_utf8(rules_.lower_case ? lower_case(c) : c, word);
    if (is_word) end_word();
  }
  end_word();
}

void WordPiece::append_word(const Vocabulary& vocabulary, std::string_view word,
                            std::vector<int32_t>& out) const {
  const size_t before = out.size();
  while (!word.empty()) {
    size_t length = std::min(word.size(), longest_);
    int32_t token = -1;
    for (; length != 0 && token < 0; --length) token = vocabulary.find(word.substr(0, length));
    if (token < 0) {
      out.resize(before);
      if (vocabulary.unknown >= 0) out.push_back(vocabulary.unknown);
      return;
    }
    out.push_back(token);
    word.remove_prefix(length + 1);
  }
}

}  // namespace chord::text
