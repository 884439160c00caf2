#include "grammar/constraint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>

#include "gguf/reader.h"
#include "grammar/test_grammar.h"
#include "text/tokenizer.h"

namespace chord::grammar {
namespace {

std::shared_ptr<const Vocabulary> vocabulary_of(const std::vector<std::string_view>& texts,
                                                std::vector<int32_t> end_tokens) {
  std::string bytes;
  std::vector<uint32_t> ends;
  for (const std::string_view text : texts) {
    bytes += text;
    ends.push_back(static_cast<uint32_t>(bytes.size()));
  }
  return std::make_shared<const Vocabulary>(std::move(bytes), std::move(ends), std::move(end_tokens));
}

// The vocabulary of a GGUF file as a model's tokens are; nullptr if there is no such file.
std::shared_ptr<const Vocabulary> vocabulary_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  if (content.empty()) return nullptr;
  const auto header = gguf::read(std::as_bytes(std::span(content)));
  const auto tokenizer = text::Tokenizer::create(header->metadata);
  std::string bytes;
  std::vector<uint32_t> ends;
  for (int32_t token = 0; token < tokenizer->vocab_size(); ++token) {
    tokenizer->append_piece(token, false, bytes);
    ends.push_back(static_cast<uint32_t>(bytes.size()));
  }
  return std::make_shared<const Vocabulary>(std::move(bytes), std::move(ends),
                                            tokenizer->end_of_generation_tokens());
}

std::shared_ptr<const Program> shared(Result<Program> program) {
  EXPECT_TRUE(program) << program.error().message();
  return std::make_shared<const Program>(std::move(*program));
}

// The ids that a constraint leaves, of logits that are all 0.
std::vector<size_t> allowed(Constraint& constraint, size_t size, uint32_t remaining = 0) {
  std::vector<float> logits(size, 0);
  const auto done = constraint.filter(logits, remaining);
  EXPECT_TRUE(done) << done.error().message();
  std::vector<size_t> ids;
  for (size_t i = 0; i < size; ++i) {
    if (logits[i] == 0) ids.push_back(i);
  }
  return ids;
}

TEST(Constraint, AllowsTokensThatGoOnAndEndsWhenTheTextIsComplete) {
  //                                     0    1    2     3     4     5   6        7       8
  const auto vocabulary = vocabulary_of({"a", "b", "ab", "bc", "abc", "", "\xC3", "\xA9", "x"}, {5});
  Constraint constraint(shared(gbnf("root ::= \"ab\" \"c\"? | \"\u00e9\"+")), vocabulary);
  using testing::ElementsAre;
  EXPECT_THAT(allowed(constraint, 12), ElementsAre(0, 2, 4, 6));
  EXPECT_FALSE(constraint.accept(1));
  EXPECT_FALSE(constraint.accept(5));
  EXPECT_FALSE(constraint.accept(-1));
  EXPECT_FALSE(constraint.accept(9));
  ASSERT_TRUE(constraint.accept(0));
  EXPECT_THAT(allowed(constraint, 12), ElementsAre(1, 3));
  ASSERT_TRUE(constraint.accept(3));
  EXPECT_TRUE(constraint.is_complete());
  EXPECT_THAT(allowed(constraint, 12), ElementsAre(5));
  ASSERT_TRUE(constraint.accept(5));
  EXPECT_THAT(allowed(constraint, 12), ElementsAre(5));
  constraint.reset();
  ASSERT_TRUE(constraint.accept(6));
  EXPECT_FALSE(constraint.is_complete());
  EXPECT_THAT(allowed(constraint, 12), ElementsAre(7));
  ASSERT_TRUE(constraint.accept(7));
  EXPECT_THAT(allowed(constraint, 12), ElementsAre(5, 6));
}

TEST(Constraint, LeavesTheLogitsOfWhatItAllows) {
  const auto vocabulary = vocabulary_of({"a", "b", "c", ""}, {3});
  for (const std::string_view grammar : {"root ::= [ab]*", "root ::= \"a\"*"}) {  // most tokens, and few
    Constraint constraint(shared(gbnf(grammar)), vocabulary);
    std::vector<float> logits = {1.5F, -2, 3, 4, 5};
    ASSERT_TRUE(constraint.filter(logits, 0));
    EXPECT_EQ(logits[0], 1.5F);
    EXPECT_EQ(logits[2], -INFINITY);
    EXPECT_EQ(logits[3], 4);
    EXPECT_EQ(logits[4], -INFINITY);
  }
}

TEST(Constraint, ComesToAnEndWithinTheTokensThatAreLeft) {
  const auto vocabulary = vocabulary_of({"a", "(", ")", "", "((", "))"}, {3});
  Constraint constraint(shared(gbnf("root ::= \"(\" root \")\" | \"a\"")), vocabulary);
  using testing::ElementsAre;
  // An "a" and the end, or three tokens and the end.
  EXPECT_THAT(allowed(constraint, 6, 2), ElementsAre(0));
  EXPECT_THAT(allowed(constraint, 6, 4), ElementsAre(0, 1));
  EXPECT_THAT(allowed(constraint, 6, 6), ElementsAre(0, 1, 4));
  // Where it cannot be done, whatever may come next.
  ASSERT_TRUE(constraint.accept(4));
  EXPECT_THAT(allowed(constraint, 6, 2), ElementsAre(0, 1, 4));
  EXPECT_THAT(allowed(constraint, 6, 4), ElementsAre(0));
}

// What the tree decides at once for whole branches must be what every token would give by itself.
TEST(Constraint, DecidesBranchesAsTokenByToken) {
  const std::string folder = std::string(CHORD_SOURCE_DIR);
  auto vocabulary = vocabulary_of_file(folder + "/../shared/vocab/ggml-vocab-llama-bpe.gguf");
  if (!vocabulary) vocabulary = vocabulary_of_file(folder + "/models/chord-tiny/chord-tiny-q8_0.gguf");
  ASSERT_TRUE(vocabulary);
  std::array<int32_t, 256> of_byte{};
  for (uint32_t token = 0; token < vocabulary->size(); ++token) {
    const std::string_view text = vocabulary->text(token);
    if (text.size() == 1) of_byte[static_cast<uint8_t>(text[0])] = static_cast<int32_t>(token);
  }
  const auto program = shared(schema(R"({"type":"object","properties":{
    "name":{"type":"string","maxLength":7},"word":{"type":"string","pattern":"^[\\w -]*$"},
    "free":{"type":"string"},"n":{"type":"integer","maximum":300},"tags":{"type":"array","items":{"enum":["été","à"]}}},
    "required":["name"]})"));
  for (const std::string_view begin :
       {"", "{", "{\"name\":\"", "{\"name\": \"ab", "{\"name\":\"a\",\"word\":\"",
        "{\"name\":\"\",\"free\":\"x", "{\"name\":\"\",\"free\":\"\xF0\x9F", "{\"name\":\"\",\"n\":2",
        "{\"name\":\"\",\"n\":2,\"tags\":[\"", "{\"name\":\"a\"", "{\"name\":\"a\",\"other\":"}) {
    for (const uint32_t remaining : {0U, 24U}) {
      Matcher matcher(*program);
      Constraint constraint(program, vocabulary);
      for (const char c : begin) ASSERT_TRUE(constraint.accept(of_byte[static_cast<uint8_t>(c)])) << begin;
      const Matcher::Position position = matcher.step(matcher.start(), begin);
      std::vector<size_t> expected;
      for (uint32_t token = 0; token < vocabulary->size(); ++token) {
        const bool ends = std::ranges::count(vocabulary->end_tokens(), static_cast<int32_t>(token)) > 0;
        const std::string_view text = vocabulary->text(token);
        const Matcher::Position next = text.empty() || ends ? Matcher::kDead : matcher.step(position, text);
        const bool fits = remaining == 0 || matcher.shortest(next) <= remaining - 2;
        if (ends ? matcher.is_complete(position) : next != Matcher::kDead && fits) expected.push_back(token);
      }
      EXPECT_EQ(allowed(constraint, vocabulary->size(), remaining), expected) << begin << ", " << remaining;
    }
  }
}

}  // namespace
}  // namespace chord::grammar
