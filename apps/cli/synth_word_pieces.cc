#include "synth_word_pieces.h"

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "synth_tokens.h"
#include "text/utf8.h"

namespace chord::cli {
namespace {

constexpr std::string_view kWordBegin = "▁";

// What begins words and goes on with them, character by character: letters as they are without case and
// accents.
constexpr std::string_view kLetters =
    "0123456789abcdefghijklmnopqrstuvwxyzßæðøþđħıłŋœʃαβγδεζηθικλμνξοπρςστυφχψω"
    "абвгдежзиклмнопрстуфхцчшщъыьэюяђєіјљњћџґ"
    "אבגדהוזחטיךכלםמןנסעףפץצקרשתابةتثجحخدذرزسشصضطظعغفقكلمنهوىي"
    "अआइईउएकखगघचजटडणतथदधनपफबभमयरलवशषसहกขคงจชซดตถทนบปผพมยรลวสหอ"
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンー"
    "ᄀᄂᄃᄅᄆᄇᄉᄋᄌᄎᄏᄐᄑᄒ";

// What is a word by itself, or stands in one.
constexpr std::string_view kMarks =
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~¡§«·»¿‐–—‘’“”„•…‰′″、。「」・！，：？€£¥©®°±²³×÷→←≤≥≠∞√∑♠♥♦♪☆★"
    "一三上下不世中主之九事二五京亻人今仁介代仮会位何作來來信元光八公六内出分前力加北十千南原口古史司合吉同名"
    "和善四国國土在地城堂場士大天太夫女子字学學宇安宗定宮家小少山川州工左市平年広弘張彳後御德心忄志忠愛成我戦"
    "戸手扌政文新方日明星春昭智曲書月有朝木本李村東松林森楊樹橋歌止正武比氏民水氵氷永江沢河治法海清漢瀬火版犬"
    "王生田男疒発白百皇目相省真石示社神福禾秀秋空立章竹糸美義耳良艹花英華葉藤行街西見訁語谷貝貴車軍辶道郎郡部"
    "都里野金鈴镇長門間阝阿陳陽雄青面風食香馬高龍龸"
    "😀😂😊😍😭👍🎉🔥❤✅🚀";

constexpr std::string_view kWords[] = {
    "the",   "of",   "and",    "in",    "to",      "was",    "he",    "is",    "as",     "for",
    "on",    "with", "that",   "it",    "his",     "by",     "at",    "from",  "her",    "she",
    "you",   "had",  "an",     "were",  "but",     "be",     "this",  "are",   "not",    "my",
    "they",  "one",  "which",  "or",    "have",    "him",    "me",    "first", "all",    "also",
    "their", "has",  "up",     "who",   "out",     "been",   "when",  "after", "there",  "into",
    "new",   "two",  "its",    "time",  "would",   "no",     "what",  "about", "said",   "we",
    "over",  "then", "other",  "so",    "more",    "can",    "how",   "query", "search", "document",
    "cat",   "dog",  "house",  "paris", "capital", "france", "city",  "music", "bank",   "river",
    "model", "text", "vector", "cafe",  "naive",   "uber",   "hello", "world"};
constexpr std::string_view kEndings[] = {"s",    "ing",  "ed",  "er",   "ly",  "al",  "ion", "tion",
                                         "ment", "ness", "est", "able", "ful", "ity", "ive", "ous"};

class WordPieces {
 public:
  explicit WordPieces(size_t size) : size_(size) {}

  void add(const std::string& text, int32_t type) {
    if (types_.size() == size_ || !seen_.insert(text).second) return;
    tokens_.push_back(text);
    types_.push_back(type);
  }
  void add_both(std::string_view text) {
    add(std::string(kWordBegin) + std::string(text), kNormalToken);
    add(std::string(text), kNormalToken);
  }

  bool is_full() const { return types_.size() == size_; }
  gguf::StringArray& tokens() { return tokens_; }
  std::vector<int32_t>& types() { return types_; }

 private:
  size_t size_;
  gguf::StringArray tokens_;
  std::vector<int32_t> types_;
  std::unordered_set<std::string> seen_;
};

template <class Function>
void each_character(std::string_view text, Function function) {
  while (!text.empty()) {
    const size_t length = text::utf8_length(text.front());
    function(text.substr(0, length));
    text.remove_prefix(length);
  }
}

// All strings of so many letters, those of small indices first.
void add_strings(WordPieces& vocabulary, size_t length) {
  const size_t count = kLettersByFrequency.size();
  for (size_t sum = 0; sum <= length * (count - 1) && !vocabulary.is_full(); ++sum) {
    for (size_t i = 0; i < count * count * (length == 3 ? count : 1); ++i) {
      const size_t digits[] = {i % count, i / count % count, i / count / count};
      if (digits[0] + digits[1] + digits[2] != sum) continue;
      std::string text;
      for (size_t digit = 0; digit < length; ++digit) text += kLettersByFrequency[digits[digit]];
      vocabulary.add_both(text);
    }
  }
}

}  // namespace

void set_word_pieces(uint32_t vocab_size, gguf::Metadata& metadata) {
  WordPieces vocabulary(vocab_size);
  vocabulary.add("[PAD]", kControlToken);
  for (int i = 0; i < 99; ++i) vocabulary.add("[unused" + std::to_string(i) + "]", kUnusedToken);
  for (const char* token : {"[UNK]", "[CLS]", "[SEP]", "[MASK]"}) vocabulary.add(token, kControlToken);
  each_character(kMarks, [&](std::string_view c) {
    vocabulary.add(std::string(kWordBegin) + std::string(c), kNormalToken);
  });
  each_character(kLetters, [&](std::string_view c) { vocabulary.add_both(c); });
  for (const std::string_view word : kWords)
    vocabulary.add(std::string(kWordBegin) + std::string(word), kNormalToken);
  for (const std::string_view ending : kEndings) vocabulary.add(std::string(ending), kNormalToken);
  add_strings(vocabulary, 2);
  add_strings(vocabulary, 3);

  metadata.set("tokenizer.ggml.model", {std::string("bert")});
  metadata.set("tokenizer.ggml.pre", {std::string("default")});
  metadata.set("tokenizer.ggml.token_type_count", {uint32_t{2}});
  metadata.set("tokenizer.ggml.tokens", {gguf::Array(std::move(vocabulary.tokens()))});
  metadata.set("tokenizer.ggml.token_type", {gguf::Array(vocabulary.types())});
  metadata.set("tokenizer.ggml.bos_token_id", {uint32_t{101}});
  metadata.set("tokenizer.ggml.eos_token_id", {uint32_t{102}});
  metadata.set("tokenizer.ggml.unknown_token_id", {uint32_t{100}});
  metadata.set("tokenizer.ggml.seperator_token_id", {uint32_t{102}});
  metadata.set("tokenizer.ggml.padding_token_id", {uint32_t{0}});
  metadata.set("tokenizer.ggml.mask_token_id", {uint32_t{103}});
}

}  // namespace chord::cli
