#include "text/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "text/byte_level.h"
#include "text/detokenizer.h"
#include "text/test_vocabulary.h"
#include "text/text_index.h"
#include "text/utf8.h"

namespace chord::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Ids = std::vector<int32_t>;

Tokenizer make(const TestVocabulary& vocabulary) {
  auto tokenizer = Tokenizer::create(vocabulary.metadata());
  EXPECT_TRUE(tokenizer) << tokenizer.error().message();
  return std::move(*tokenizer);
}

Error error_of(const gguf::Metadata& metadata) {
  const auto tokenizer = Tokenizer::create(metadata);
  return tokenizer ? Error{ErrorCode::internal, "no error"} : tokenizer.error();
}

std::string letter(uint32_t byte) {
  std::string out;
  append_utf8(letter_of_byte(static_cast<uint8_t>(byte)), out);
  return out;
}

// Tokens 0-255: the bytes. Then what tests add.
TestVocabulary bytes_vocabulary(std::string pre = "gpt-2") {
  TestVocabulary vocabulary("gpt2");
  for (uint32_t byte = 0; byte < 256; ++byte) vocabulary.add(letter(byte));
  vocabulary.set("tokenizer.ggml.pre", std::move(pre));
  return vocabulary;
}

// 0 <unk>, 1 <s>, 2 </s>, 3-258 the bytes, 259 "▁". Then what tests add.
TestVocabulary score_vocabulary() {
  TestVocabulary vocabulary("llama");
  vocabulary.add("<unk>", 0, TestVocabulary::unknown);
  vocabulary.add("<s>", 0, TestVocabulary::control);
  vocabulary.add("</s>", 0, TestVocabulary::control);
  for (int byte = 0; byte < 256; ++byte) {
    const std::string_view digits = "0123456789ABCDEF";
    vocabulary.add(concat("<0x", digits[byte >> 4], digits[byte & 15], ">"), 0, TestVocabulary::byte);
  }
  vocabulary.add("▁", -10);
  return vocabulary;
}

TEST(RankBpe, MergesInTheOrderOfRanks) {
  auto vocabulary = bytes_vocabulary();
  const int32_t ab = vocabulary.add("ab");
  const int32_t bc = vocabulary.add("bc");
  const int32_t abc = vocabulary.add("abc");
  vocabulary.add_merge("b c");
  vocabulary.add_merge("a b");
  vocabulary.add_merge("ab c");
  const Tokenizer tokenizer = make(vocabulary);
  EXPECT_THAT(tokenizer.encode("abc"), ElementsAre('a', bc));
  EXPECT_THAT(tokenizer.encode("ab"), ElementsAre(ab));
  EXPECT_THAT(tokenizer.encode("bcbc"), ElementsAre(bc, bc));
  EXPECT_EQ(tokenizer.find_token("abc"), abc);
}

TEST(RankBpe, TakesWholeWordsWhereMergesAreIgnored) {
  for (const auto* pre : {"llama-bpe", "dbrx"}) {
    auto vocabulary = bytes_vocabulary(pre);
    const int32_t word = vocabulary.add("Ġxyz");
    const Tokenizer tokenizer = make(vocabulary);
    EXPECT_THAT(tokenizer.encode("a xyz"),
                pre == std::string_view("dbrx") ? Ids({'a', ' ', 'x', 'y', 'z'}) : Ids({'a', word}));
  }
}

TEST(RankBpe, MergesThroughTextsThatAreNoTokens) {
  auto vocabulary = bytes_vocabulary();
  const int32_t abc = vocabulary.add("abc");
  vocabulary.add_merge("a b");
  vocabulary.add_merge("ab c");
  const Tokenizer tokenizer = make(vocabulary);
  EXPECT_THAT(tokenizer.encode("abc"), ElementsAre(abc));
  EXPECT_THAT(tokenizer.encode("ab"), ElementsAre('a', 'b'));
}

TEST(RankBpe, CountsBrokenBytesAsReplacementCharacters) {
  const Tokenizer tokenizer = make(bytes_vocabulary());
  EXPECT_THAT(tokenizer.encode("a\xFFz"), ElementsAre('a', 0xEF, 0xBF, 0xBD, 'z'));
  EXPECT_THAT(tokenizer.encode("\xC1\x81"), ElementsAre('A'));
  EXPECT_THAT(tokenizer.encode("\xE2\x82"), ElementsAre(0xEF, 0xBF, 0xBD, 0xEF, 0xBF, 0xBD));
}

// What both ways of merging must give: the lowest rank first, of equal ones the leftmost, over and over.
Ids merged_naively(std::string_view text, const std::vector<std::string>& merges,
                   const Tokenizer& tokenizer) {
  std::vector<std::string> symbols;
  for (const char c : text) symbols.emplace_back(1, c);
  for (;;) {
    size_t best = merges.size();
    size_t at = 0;
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto rank = std::ranges::find(merges, symbols[i] + " " + symbols[i + 1]) - merges.begin();
      if (static_cast<size_t>(rank) < best) {
        best = static_cast<size_t>(rank);
        at = i;
      }
    }
    if (best == merges.size()) break;
    symbols[at] += symbols[at + 1];
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
  Ids ids;
  for (const std::string& symbol : symbols) ids.push_back(tokenizer.find_token(symbol));
  return ids;
}

TEST(RankBpe, AgreesWithNaiveMergingForShortAndLongWords) {
  const std::vector<std::string> merges = {"a a",   "a b", "b a",  "aa b",  "aa aa",
                                           "ab ab", "b b", "bb a", "aab ba"};
  auto vocabulary = bytes_vocabulary();
  for (std::string merge : merges) {
    vocabulary.add_merge(merge);
    std::erase(merge, ' ');
    vocabulary.add(merge);
  }
  const Tokenizer tokenizer = make(vocabulary);
  uint32_t random = 1;
  for (size_t length = 1; length < 120; ++length) {
    std::string word;
    while (word.size() < length) {
      random = random * 1664525 + 1013904223;
      word += (random >> 20) % 3 == 0 ? 'b' : 'a';
    }
    EXPECT_EQ(tokenizer.encode(word), merged_naively(word, merges, tokenizer)) << word;
  }
}

TEST(RankBpe, KeepsGemmasSpacesAndNewlines) {
  TestVocabulary vocabulary("gemma4");
  const int32_t bos = vocabulary.add("<bos>", 0, TestVocabulary::control);
  const int32_t a = vocabulary.add("a");
  const int32_t space = vocabulary.add("▁");
  const int32_t space_a = vocabulary.add("▁a");
  const int32_t newlines = vocabulary.add("\n\n");
  const int32_t byte = vocabulary.add("<0xC3>", 0, TestVocabulary::byte);
  const int32_t byte2 = vocabulary.add("<0xA9>", 0, TestVocabulary::byte);
  vocabulary.set("tokenizer.ggml.bos_token_id", static_cast<uint32_t>(bos));
  vocabulary.set("tokenizer.ggml.add_bos_token", false);
  vocabulary.add_merge("▁ a");
  const Tokenizer tokenizer = make(vocabulary);
  const Ids ids = {a, space_a, newlines, space, space_a, byte, byte2};
  EXPECT_EQ(tokenizer.encode("a a\n\n  aé"), ids);
  EXPECT_EQ(tokenizer.decode(ids), "a a\n\n  aé");
  EXPECT_EQ(tokenizer.pre_tokenizer(), "gemma4");
  EXPECT_TRUE(tokenizer.add_bos());
}

TEST(ScoreBpe, MergesTheBestScoreFirst) {
  auto vocabulary = score_vocabulary();
  const int32_t a = vocabulary.add("a", -9);
  const int32_t b = vocabulary.add("b", -9);
  const int32_t ab = vocabulary.add("ab", -2);
  const int32_t space_a = vocabulary.add("▁a", -1);
  const int32_t space_ab = vocabulary.add("▁ab", -5);
  const Tokenizer tokenizer = make(vocabulary);
  EXPECT_THAT(tokenizer.encode("ab"), ElementsAre(space_ab));
  EXPECT_THAT(tokenizer.encode("ab ba"), ElementsAre(space_ab, 259, b, a));
  EXPECT_THAT(tokenizer.encode("abab"), ElementsAre(space_ab, ab));
  EXPECT_THAT(tokenizer.encode("a a"), ElementsAre(space_a, space_a));
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(" ab ba ")), " ab ba ");
}

TEST(ScoreBpe, SpellsTheUnknownInBytes) {
  const Tokenizer tokenizer = make(score_vocabulary());
  EXPECT_THAT(tokenizer.encode("é"), ElementsAre(259, 3 + 0xC3, 3 + 0xA9));
  EXPECT_THAT(tokenizer.encode("\xFF"), ElementsAre(259, 3 + 0xFF));
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("é\xFF")), "é\xFF");
  TestVocabulary without_bytes("llama");
  without_bytes.add("<unk>", 0, TestVocabulary::unknown);
  without_bytes.add("x");
  EXPECT_THAT(make(without_bytes).encode("xé"), ElementsAre(0, 0, 0, 1, 0, 0));
}

TEST(ScoreBpe, MergesAcrossSpacesIfATokenDoes) {
  auto vocabulary = score_vocabulary();
  vocabulary.add("a", -9);
  const int32_t a_space = vocabulary.add("a▁", -1);
  const int32_t a_space_a = vocabulary.add("a▁a", -2);
  const Tokenizer tokenizer = make(vocabulary);
  EXPECT_THAT(tokenizer.encode("a a"), ElementsAre(259, a_space_a));
  EXPECT_THAT(tokenizer.encode("a "), ElementsAre(259, a_space));
}

TEST(ScoreBpe, PutsASpaceBeforeATextAndAfterTokens) {
  auto vocabulary = score_vocabulary();
  const int32_t a = vocabulary.add("a");
  const int32_t turn = vocabulary.add("<turn>", 0, TestVocabulary::control);
  Tokenizer tokenizer = make(vocabulary);
  EXPECT_THAT(tokenizer.encode("a<turn>a", {.bos = true, .eos = true}),
              ElementsAre(1, 259, a, turn, 259, a, 2));
  EXPECT_EQ(tokenizer.decode(Ids{1, 259, a, turn, 259, a, 2}), "aa");
  EXPECT_EQ(tokenizer.decode(Ids{1, 259, a, turn, 259, a, 2}, true), "<s>a<turn>a</s>");
  EXPECT_THAT(tokenizer.encode(""), IsEmpty());
  vocabulary.set("tokenizer.ggml.add_space_prefix", false);
  tokenizer = make(vocabulary);
  EXPECT_THAT(tokenizer.encode("a<turn> a"), ElementsAre(a, turn, 259, a));
  EXPECT_EQ(tokenizer.decode(Ids{259, a}), " a");
}

TEST(Tokenizer, RecognisesControlTokensOnlyIfAsked) {
  auto vocabulary = bytes_vocabulary();
  const int32_t turn = vocabulary.add("<t>", 0, TestVocabulary::control);
  const int32_t user = vocabulary.add("<u>", 0, TestVocabulary::user_defined);
  const Tokenizer tokenizer = make(vocabulary);
  EXPECT_THAT(tokenizer.encode("a<t><u>"), ElementsAre('a', turn, user));
  EXPECT_THAT(tokenizer.encode("a<t><u>", {.special = false}), ElementsAre('a', '<', 't', '>', user));
  EXPECT_TRUE(tokenizer.is_control(turn));
  EXPECT_FALSE(tokenizer.is_control(user));
  EXPECT_TRUE(tokenizer.is_special(user));
  EXPECT_FALSE(tokenizer.is_special('a'));
  EXPECT_EQ(tokenizer.decode(Ids{'a', turn, user}), "a<u>");
  EXPECT_EQ(tokenizer.decode(Ids{'a', turn, user}, true), "a<t><u>");
}

TEST(Tokenizer, PrefersLongerSpecialTokens) {
  auto vocabulary = bytes_vocabulary();
  const int32_t ab = vocabulary.add("<ab", 0, TestVocabulary::control);
  const int32_t long_one = vocabulary.add("b><c>", 0, TestVocabulary::control);
  const int32_t line = vocabulary.add("\n", 0, TestVocabulary::user_defined);
  const int32_t lines = vocabulary.add("\n\n", 0, TestVocabulary::user_defined);
  const Tokenizer tokenizer = make(vocabulary);
  EXPECT_THAT(tokenizer.encode("<ab><c>"), ElementsAre('<', 'a', long_one));
  EXPECT_THAT(tokenizer.encode("<ab><"), ElementsAre(ab, '>', '<'));
  EXPECT_THAT(tokenizer.encode("\n\n\nx"), ElementsAre(lines, line, 'x'));
}

TEST(Tokenizer, DropsSpaceAfterPhi3sTokens) {
  auto vocabulary = bytes_vocabulary();
  const int32_t end = vocabulary.add("<|end|>", 0, TestVocabulary::control);
  const int32_t text_end = vocabulary.add("<|endoftext|>", 0, TestVocabulary::control);
  vocabulary.set("general.name", std::string("Phi-3 mini"));
  const Tokenizer tokenizer = make(vocabulary);
  EXPECT_THAT(tokenizer.encode("<|end|> \n a<|endoftext|> "), ElementsAre(end, 'a', text_end, ' '));
}

TEST(Tokenizer, FindsTheTokensThatEndAGeneration) {
  auto vocabulary = bytes_vocabulary();
  const int32_t eos = vocabulary.add("<final>", 0, TestVocabulary::control);
  const int32_t turn = vocabulary.add("<|im_end|>");  // marked as normal, as in some files
  const int32_t text_end = vocabulary.add("<|endoftext|>", 0, TestVocabulary::control);
  const int32_t start = vocabulary.add("<|im_start|>", 0, TestVocabulary::control);
  const int32_t separator = vocabulary.add("<|file_sep|>", 0, TestVocabulary::control);
  vocabulary.set("tokenizer.ggml.eos_token_id", static_cast<uint32_t>(eos));
  const Tokenizer tokenizer = make(vocabulary);
  EXPECT_THAT(tokenizer.end_of_generation_tokens(), ElementsAre(eos, turn, text_end, separator));
  EXPECT_TRUE(tokenizer.is_end_of_generation(turn));
  EXPECT_FALSE(tokenizer.is_end_of_generation(start));
  EXPECT_FALSE(tokenizer.is_end_of_generation(-1));
  EXPECT_TRUE(tokenizer.is_control(turn));
  EXPECT_EQ(tokenizer.eot(), turn);
  EXPECT_EQ(tokenizer.eos(), eos);
  EXPECT_EQ(tokenizer.bos(), kNoToken);
  EXPECT_FALSE(tokenizer.add_bos());
  EXPECT_THAT(tokenizer.encode("a", {.bos = true, .eos = true}), ElementsAre('a', eos));
}

TEST(Tokenizer, KeepsHarmonysEndInsideTheTurn) {
  auto vocabulary = bytes_vocabulary("gpt-4o");
  const int32_t end = vocabulary.add("<|end|>", 0, TestVocabulary::control);
  const int32_t returned = vocabulary.add("<|return|>", 0, TestVocabulary::control);
  const int32_t call = vocabulary.add("<|call|>", 0, TestVocabulary::control);
  const int32_t channel = vocabulary.add("<|channel|>", 0, TestVocabulary::control);
  const Tokenizer tokenizer = make(vocabulary);
  EXPECT_THAT(tokenizer.end_of_generation_tokens(), ElementsAre(returned, call));
  EXPECT_EQ(tokenizer.decode(Ids{end, channel}), "<|end|><|channel|>");
}

TEST(Tokenizer, KeepsGemma4sHtmlTag) {
  auto vocabulary = bytes_vocabulary();
  const int32_t tag = vocabulary.add("</s>", 0, TestVocabulary::normal);
  const int32_t response = vocabulary.add("<|tool_response>", 0, TestVocabulary::control);
  const Tokenizer tokenizer = make(vocabulary);
  EXPECT_THAT(tokenizer.end_of_generation_tokens(), ElementsAre(response));
  EXPECT_FALSE(tokenizer.is_special(tag));
}

TEST(Tokenizer, TakesAddBosFromTheFileOrTheRules) {
  auto vocabulary = bytes_vocabulary("llama-bpe");
  vocabulary.set("tokenizer.ggml.bos_token_id", uint32_t{7});
  EXPECT_TRUE(make(vocabulary).add_bos());
  vocabulary.set("tokenizer.ggml.add_bos_token", false);
  vocabulary.set("tokenizer.ggml.add_eos_token", true);
  EXPECT_FALSE(make(vocabulary).add_bos());
  EXPECT_FALSE(make(vocabulary).add_eos());  // the file names no EOS
  const Tokenizer llama = make(score_vocabulary());
  EXPECT_TRUE(llama.add_bos());
  EXPECT_EQ(llama.bos(), 1);
  EXPECT_EQ(llama.eos(), 2);
  EXPECT_EQ(llama.unknown(), 0);
}

TEST(Tokenizer, SaysWhenItCutsByOtherRules) {
  const Tokenizer unknown = make(bytes_vocabulary("klingon"));
  EXPECT_THAT(unknown.pre_tokenizer_note(), HasSubstr("tokenizer.ggml.pre is \"klingon\""));
  EXPECT_EQ(unknown.pre_tokenizer(), "default");
  auto vocabulary = bytes_vocabulary();
  gguf::Metadata metadata = vocabulary.metadata();
  metadata.remove("tokenizer.ggml.pre");
  EXPECT_THAT(Tokenizer::create(metadata)->pre_tokenizer_note(), HasSubstr("missing"));
  EXPECT_EQ(make(vocabulary).pre_tokenizer_note(), "");
  EXPECT_EQ(make(score_vocabulary()).pre_tokenizer_note(), "");
}

TEST(Tokenizer, TakesIdsOutOfRange) {
  const Tokenizer tokenizer = make(bytes_vocabulary());
  EXPECT_EQ(tokenizer.vocab_size(), 256);
  for (const int32_t id :
       {-1, 256, std::numeric_limits<int32_t>::max(), std::numeric_limits<int32_t>::min()}) {
    EXPECT_EQ(tokenizer.decode(Ids{id}, true), "");
    EXPECT_EQ(tokenizer.token_text(id), "");
    EXPECT_FALSE(tokenizer.is_special(id));
    EXPECT_FALSE(tokenizer.is_end_of_generation(id));
  }
}

TEST(Tokenizer, GivesNothingForUnusedTokens) {
  auto vocabulary = bytes_vocabulary();
  const int32_t unused = vocabulary.add("unused", 0, TestVocabulary::unused);
  const int32_t empty = vocabulary.add("");
  const Tokenizer tokenizer = make(vocabulary);
  EXPECT_EQ(tokenizer.decode(Ids{unused, empty, 'x'}, true), "x");
  EXPECT_EQ(tokenizer.find_token(""), kNoToken);
}

TEST(Tokenizer, RefusesMalformedMetadata) {
  const auto expect = [](const gguf::Metadata& metadata, ErrorCode code, std::string_view part) {
    const Error error = error_of(metadata);
    EXPECT_EQ(error.code(), code) << error.message();
    EXPECT_THAT(error.message(), HasSubstr(std::string(part)));
  };
  expect({}, ErrorCode::invalid_model, "tokenizer.ggml.model is missing");

  gguf::Metadata metadata = score_vocabulary().metadata();
  metadata.set("tokenizer.ggml.model", {std::string("t5")});
  expect(metadata, ErrorCode::unsupported_format, "\"t5\"");

  for (const auto* key : {"tokenizer.ggml.tokens", "tokenizer.ggml.scores"}) {
    metadata = score_vocabulary().metadata();
    metadata.remove(key);
    expect(metadata, ErrorCode::invalid_model, key);
  }
  metadata = bytes_vocabulary().metadata();
  metadata.remove("tokenizer.ggml.merges");
  expect(metadata, ErrorCode::invalid_model, "tokenizer.ggml.merges is missing");

  metadata = score_vocabulary().metadata();
  metadata.set("tokenizer.ggml.scores", {gguf::Array(std::vector<float>(3))});
  expect(metadata, ErrorCode::invalid_model, "has 3 elements, but tokenizer.ggml.tokens has 260");
  metadata.set("tokenizer.ggml.scores",
               {gguf::Array(std::vector<float>(260, std::numeric_limits<float>::quiet_NaN()))});
  expect(metadata, ErrorCode::invalid_model, "tokenizer.ggml.scores[0] is not a number");
  metadata.set("tokenizer.ggml.token_type", {gguf::Array(std::vector<int32_t>(261))});
  expect(metadata, ErrorCode::invalid_model, "has 261 elements");
  metadata = score_vocabulary().metadata();
  metadata.set("tokenizer.ggml.tokens", {gguf::Array(gguf::StringArray())});
  expect(metadata, ErrorCode::invalid_model, "is empty");

  metadata = bytes_vocabulary().metadata();
  metadata.set("tokenizer.ggml.eos_token_id", {uint32_t{256}});
  expect(metadata, ErrorCode::invalid_model,
         "tokenizer.ggml.eos_token_id is 256, but the vocabulary has 256");
  metadata.set("tokenizer.ggml.eos_token_id", {UINT32_MAX});
  EXPECT_EQ(Tokenizer::create(metadata)->eos(), kNoToken);

  for (const auto* merge : {"ab", "a ", " b", "", "a"}) {
    auto vocabulary = bytes_vocabulary();
    vocabulary.add_merge("a b");
    vocabulary.add_merge(merge);
    expect(vocabulary.metadata(), ErrorCode::invalid_model,
           concat("tokenizer.ggml.merges[1] is \"", merge, "\""));
  }
}

// Every token of this vocabulary wants one of the first 64 slots of a table of 8192.
TEST(Tokenizer, RefusesAVocabularyThatIsMadeToCollide) {
  auto vocabulary = score_vocabulary();
  for (uint32_t i = 0, added = 0; added < 2200; ++i) {
    const std::string text = concat("x", i);
    if ((hash_text(text) & 8191) >= 64) continue;
    vocabulary.add(text);
    ++added;
  }
  const Error error = error_of(vocabulary.metadata());
  EXPECT_EQ(error.code(), ErrorCode::invalid_model);
  EXPECT_THAT(error.message(), HasSubstr("tokenizer.ggml.tokens is made to slow down hashing"));
}

TEST(Tokenizer, LetsTheLastOfEqualTextsWin) {
  auto vocabulary = bytes_vocabulary();
  const int32_t again = vocabulary.add("a");
  EXPECT_THAT(make(vocabulary).encode("a"), ElementsAre(again));
}

TEST(Detokenizer, HoldsBackIncompleteCharacters) {
  const Tokenizer tokenizer = make(bytes_vocabulary());
  Detokenizer detokenizer(tokenizer, false);
  EXPECT_EQ(detokenizer.push('a'), "a");
  EXPECT_EQ(detokenizer.push(0xC3), "");
  EXPECT_EQ(detokenizer.push(0xA9), "é");
  EXPECT_EQ(detokenizer.push(0xE2), "");
  EXPECT_EQ(detokenizer.push('b'), "\uFFFDb");
  EXPECT_EQ(detokenizer.push(0xF0), "");
  EXPECT_EQ(detokenizer.finish(), "\uFFFD");
  EXPECT_EQ(detokenizer.finish(), "");
}

}  // namespace
}  // namespace chord::text
