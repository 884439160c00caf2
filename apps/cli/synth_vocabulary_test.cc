#include "synth_vocabulary.h"

#include <gtest/gtest.h>

#include <cctype>
#include <optional>
#include <string>
#include <vector>

#include "shapes.h"
#include "text/tokenizer.h"

namespace chord::cli {
namespace {

class SynthVocabularyTest : public testing::TestWithParam<Shape> {
 protected:
  void SetUp() override {
    gguf::Metadata metadata;
    set_vocabulary(GetParam().vocab_size, GetParam().pre_tokenizer, metadata);
    auto created = text::Tokenizer::create(metadata);
    ASSERT_TRUE(created.has_value()) << created.error().message();
    tokenizer.emplace(std::move(*created));
  }

  std::optional<text::Tokenizer> tokenizer;
};

TEST_P(SynthVocabularyTest, HasTheSizeAndTheControlTokens) {
  const auto size = static_cast<int32_t>(GetParam().vocab_size);
  EXPECT_EQ(tokenizer->vocab_size(), size);
  EXPECT_EQ(tokenizer->pre_tokenizer_note(), "");
  EXPECT_EQ(tokenizer->bos(), size - 4);
  EXPECT_EQ(tokenizer->eos(), size - 3);
  EXPECT_EQ(tokenizer->eot(), size - 1);
  EXPECT_EQ(tokenizer->encode("<|im_start|>"), std::vector<int32_t>{size - 2});
}

TEST_P(SynthVocabularyTest, EveryTokenIsFoundByItsText) {
  for (int32_t id = 0; id < tokenizer->vocab_size(); ++id)
    ASSERT_EQ(tokenizer->find_token(tokenizer->token_text(id)), id);
}

TEST_P(SynthVocabularyTest, AnyTextComesBack) {
  std::string control_characters;
  for (char c = 0; c < 32; ++c) control_characters += c;
  for (const std::string& text :
       {std::string("Once upon a time, there was a little girl named Zoë.\n\n\t  x"),
        std::string("“Grüße” 你好 🙂 2×3=6 naïve"), control_characters}) {
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
  }
}

TEST_P(SynthVocabularyTest, WordsAreFewTokens) {
  const std::string text = "there was once upon a time a king with three daughters";
  EXPECT_LT(tokenizer->encode(text).size(), text.size() * 2 / 3);
}

INSTANTIATE_TEST_SUITE_P(Shapes, SynthVocabularyTest, testing::ValuesIn(shapes().begin(), shapes().end()),
                         [](const auto& info) {
                           std::string name(info.param.name);
                           std::erase_if(name, [](unsigned char c) { return std::isalnum(c) == 0; });
                           return name;
                         });

}  // namespace
}  // namespace chord::cli
