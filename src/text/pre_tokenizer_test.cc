#include "text/pre_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "text/utf8.h"

namespace chord::text {
namespace {

std::vector<std::string> words(const PreTokenizer& pre_tokenizer, std::string_view text) {
  std::vector<ClassifiedChar> chars;
  for (std::string_view rest = text; !rest.empty();) {
    const DecodedChar c = decode_lenient(rest);
    chars.emplace_back(c.code_point);
    rest.remove_prefix(c.bytes);
  }
  std::vector<uint32_t> ends;
  std::vector<uint32_t> scratch;
  split_words(pre_tokenizer, chars, ends, scratch);
  std::vector<std::string> out;
  uint32_t begin = 0;
  for (const uint32_t end : ends) {
    std::string& word = out.emplace_back();
    for (; begin < end; ++begin) append_utf8(chars[begin].code_point(), word);
  }
  return out;
}

struct WordsCase {
  const char* name;
  std::vector<std::string> words;
};

// Expected words are those of the regular expressions, as JavaScript's engine matches them.
TEST(PreTokenizer, CutsAsTheRegularExpressionsDo) {
  const WordsCase cases[] = {
      {"gpt-2", {"I", "'ll", " don", "'t", " '", "S", " we", "'re"}},
      {"gpt-2", {" ", " two", " ", " spaces", "\n\n", " end", " "}},
      {"gpt-2", {"abc", "123", " 45", "!?", "  "}},
      {"gpt-2", {"café", "\u3000", "中文", "1２"}},
      {"smollm", {"in", " ", "2", "0", "2", "4", ",", " ", "1", "2", "a"}},
      {"smollm", {"x", "  ", "1", " ", " y"}},
      {"falcon", {"a", "+", "b", "=`", "c", "`", " ", "123", "45", " ok", "!"}},
      {"falcon", {"co", "-", "op", " 3", ".", "141", "59"}},
      {"default", {"`", "a", "`", " ", "$", "123", "456", "7", " ok"}},
      {"default", {"x", "<", "y", "^", "z"}},
      {"llama-bpe", {"I", "'LL", " DON", "'T", " '", "tis", " ", "123", "45"}},
      {"llama-bpe", {"\ta", "\n\n", " ", " b", "  \r\n", "\u00a0c"}},
      {"llama-bpe", {"!!\n\n", "(x", ")y", " ", "1"}},
      {"llama-bpe", {"e", "\u0301a"}},
      {"qwen2", {"1", "2", " ", "3", "4", "'Re", "\n", "x"}},
      {"qwen2", {"?!\r\n\r\n", " ", " z"}},
      {"minicpm5", {"123", "45", "'S", " ab"}},
      {"qwen35", {"e\u0301a", " हिन्दी"}},
      {"qwen35", {"!\u0301", "!", " ", "1", "2"}},
      {"seed-coder", {"a", "!", "\n\n", "b", " ", "1"}},
      {"tekken", {"Hello", "World", " ABCdef", " XMLHttp", " a", "/b", "//\n", " c"}},
      {"tekken", {"ABé", "CD", " ÉÀ", "1", "2", " '", "Tis", " don", "'t"}},
      {"gpt-4o", {"don't", " DON'T", " Hello", "WORLD's", " ", "123", "45"}},
      {"gpt-4o", {"a", "//\n\n", " b"}},
      {"deepseek-llm", {"Hello", ",", " World", "!", "\n", "\n", " ", "12", "ab", " é", "x"}},
      {"deepseek-llm", {"中文", "  ", "かな", "  "}},
      {"deepseek-llm", {"a", "\u3000b", " ", "。", "x", "\u3000", "。"}},
      {"deepseek-coder", {"def", " f", "(", "x", "):", " return", " x", "+", "1", "2", "\n"}},
      {"deepseek-coder", {"中文", "abc", " ", "あ", "、", "b"}},
      {"deepseek-v3", {"$foo", " (", "bar", ")", " ", "123", "45", " ", "中文かな"}},
      {"deepseek-v3", {"e\u0301", " x", "-y", "\n\n", " !!\n", " a", " ", " b"}},
      {"bloom", {" ok", ",", " so", " (", "a", "|", "b", ")", " 1"}},
      {"viking", {"a", " ", "1", "2", ",", " b"}},
      {"gemma4", {"a b", "\n\n", "c", "\n"}},
  };
  for (const WordsCase& c : cases) {
    std::string text;
    for (const std::string& word : c.words) text += word;
    const PreTokenizer* pre_tokenizer = find_pre_tokenizer(c.name);
    ASSERT_NE(pre_tokenizer, nullptr) << c.name;
    EXPECT_EQ(words(*pre_tokenizer, text), c.words) << c.name;
  }
}

TEST(PreTokenizer, KnowsAliases) {
  const auto same = [](std::string_view a, std::string_view b) {
    return find_pre_tokenizer(a)->stages.data() == find_pre_tokenizer(b)->stages.data();
  };
  EXPECT_TRUE(same("llama-bpe", "falcon3"));
  EXPECT_TRUE(same("qwen2", "deepseek-r1-qwen"));
  EXPECT_TRUE(same("smollm", "command-r"));
  EXPECT_TRUE(same("gpt-4o", "llama4"));
  EXPECT_FALSE(same("gpt-2", "smollm"));
  EXPECT_EQ(find_pre_tokenizer("no-such"), nullptr);
  EXPECT_EQ(find_pre_tokenizer(""), nullptr);
  EXPECT_EQ(default_pre_tokenizer().name, "default");
}

TEST(PreTokenizer, OnlySomeIgnoreMerges) {
  EXPECT_TRUE(find_pre_tokenizer("llama3")->ignore_merges);
  EXPECT_TRUE(find_pre_tokenizer("tekken")->add_bos);
  EXPECT_FALSE(find_pre_tokenizer("dbrx")->ignore_merges);
  EXPECT_TRUE(find_pre_tokenizer("gemma4")->escapes_spaces);
}

TEST(PreTokenizer, GivesNoWordsForNoText) {
  EXPECT_THAT(words(default_pre_tokenizer(), ""), testing::IsEmpty());
}

}  // namespace
}  // namespace chord::text
