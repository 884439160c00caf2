// What tests/program/embeddings.test.mjs compares with llama.cpp in bulk, and files that say otherwise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "text/test_vocabulary.h"
#include "text/tokenizer.h"

namespace chord::text {
namespace {

using testing::ElementsAre;
using Ids = std::vector<int32_t>;

class WordPieceTest : public testing::Test {
 protected:
  WordPieceTest() {
    vocabulary_.add("[PAD]", 0, TestVocabulary::control);
    vocabulary_.set("tokenizer.ggml.unknown_token_id", uint32_t{1});
    vocabulary_.set("tokenizer.ggml.bos_token_id", uint32_t{2});
    vocabulary_.set("tokenizer.ggml.seperator_token_id", uint32_t{3});
    for (const char* token : {"[UNK]", "[CLS]", "[SEP]"}) vocabulary_.add(token, 0, TestVocabulary::control);
  }

  int32_t add(std::string_view text) { return vocabulary_.add(text); }

  Tokenizer make() const {
    auto tokenizer = Tokenizer::create(vocabulary_.metadata());
    EXPECT_TRUE(tokenizer) << tokenizer.error().message();
    return *std::move(tokenizer);
  }

  static constexpr int32_t kUnknown = 1;
  static constexpr int32_t kBegin = 2;
  static constexpr int32_t kEnd = 3;
  TestVocabulary vocabulary_{"bert"};
};

TEST_F(WordPieceTest, TakesTheLongestTokensThatSpellAWord) {
  const int32_t un = add("▁un");
  const int32_t u = add("▁u");
  const int32_t aff = add("aff");
  const int32_t able = add("able");
  const int32_t whole = add("▁unable");
  const Tokenizer tokenizer = make();
  EXPECT_THAT(tokenizer.encode("unaffable unable u"), ElementsAre(un, aff, able, whole, u));
  // A word that ends within no token is unknown as a whole.
  EXPECT_THAT(tokenizer.encode("unaffablex un"), ElementsAre(kUnknown, un));
  // What goes on with a word does not begin one.
  EXPECT_THAT(tokenizer.encode("able"), ElementsAre(kUnknown));
}

TEST_F(WordPieceTest, CutsAtSpacesMarksAndIdeographs) {
  const int32_t a = add("▁a");
  const int32_t comma = add("▁,");
  const int32_t plus = add("▁+");
  const int32_t middle = add("▁中");
  const int32_t euro = add("▁a€");
  const Tokenizer tokenizer = make();
  EXPECT_THAT(tokenizer.encode("a,a+a中中"), ElementsAre(a, comma, a, plus, a, middle, middle));
  EXPECT_THAT(tokenizer.encode(" \t a\u3000\u00a0a \n"), ElementsAre(a, a));
  EXPECT_THAT(tokenizer.encode("a€"), ElementsAre(euro));  // symbols beyond ASCII do not cut
  EXPECT_THAT(tokenizer.encode("a\u200b,\ufffd\x01"), ElementsAre(a, comma));
}

TEST_F(WordPieceTest, FoldsAsTheFileSays) {
  const int32_t plain = add("▁e");
  const int32_t accent = add("▁é");
  const int32_t upper = add("▁E");
  const int32_t upper_accent = add("▁É");
  EXPECT_THAT(make().encode("e é E É e\u0301"), ElementsAre(plain, plain, plain, plain, plain));
  vocabulary_.set("tokenizer.ggml.normalizer.strip_accents", false);
  EXPECT_THAT(make().encode("e é E É"), ElementsAre(plain, accent, plain, accent));
  vocabulary_.set("tokenizer.ggml.normalizer.lowercase", false);
  EXPECT_THAT(make().encode("e é E É"), ElementsAre(plain, accent, upper, upper_accent));
  vocabulary_.set("tokenizer.ggml.normalizer.strip_accents", true);
  EXPECT_THAT(make().encode("e é E É"), ElementsAre(plain, plain, upper, upper));
}

TEST_F(WordPieceTest, FramesTexts) {
  const int32_t a = add("▁a");
  const int32_t b = add("b");
  const Tokenizer tokenizer = make();
  EXPECT_TRUE(tokenizer.add_bos());
  EXPECT_TRUE(tokenizer.add_eos());
  EXPECT_THAT(tokenizer.encode("ab", {.bos = true, .eos = true}), ElementsAre(kBegin, a, b, kEnd));
  EXPECT_THAT(tokenizer.encode("a [SEP] a"), ElementsAre(a, kEnd, a));
  EXPECT_EQ(tokenizer.decode(Ids{kBegin, a, b, a, kEnd}), "ab a");
  EXPECT_EQ(tokenizer.model(), "bert");
}

TEST_F(WordPieceTest, TakesWhatBertWasPublishedWithForGranted) {
  TestVocabulary vocabulary("bert");
  for (int i = 0; i < 110; ++i) vocabulary.add("▁" + std::string(static_cast<size_t>(i), 'x'));
  const auto tokenizer = Tokenizer::create(vocabulary.metadata());
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(tokenizer->unknown(), 100);
  EXPECT_EQ(tokenizer->bos(), 101);
  EXPECT_EQ(tokenizer->eos(), 102);
}

// A token of a megabyte must not make every word slow.
TEST_F(WordPieceTest, IsQuickWithLongTokensAndWords) {
  const int32_t x = add("▁x");
  const int32_t more = add("x");
  add(std::string(1 << 20, 'y'));
  const std::string text(1 << 16, 'x');
  const Ids ids = make().encode(text);
  EXPECT_EQ(ids.size(), text.size());
  EXPECT_EQ(ids[0], x);
  EXPECT_EQ(ids.back(), more);
}

}  // namespace
}  // namespace chord::text
