// The ids of the vocabularies in ../shared/vocab, and of chord-tiny's reference prompts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gguf/reader.h"
#include "text/chat_template.h"
#include "text/tokenizer.h"

namespace chord::text {
namespace {

const std::string shared_folder = std::string(CHORD_SOURCE_DIR) + "/../shared/";

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<Tokenizer> load(const std::string& path) {
  const std::string bytes = read_file(path);
  CHORD_ASSIGN(const gguf::Header header, gguf::read(std::as_bytes(std::span(bytes))));
  return Tokenizer::create(header.metadata);
}

std::vector<int32_t> parse_ids(std::string_view text) {
  std::vector<int32_t> ids;
  for (size_t at = 0; at < text.size();) {
    int32_t id = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), id);
    if (error == std::errc()) ids.push_back(id);
    at = static_cast<size_t>(end - text.data()) + 1;
  }
  return ids;
}

// Texts, each between lines "\n__ggml_vocab_test__\n".
std::vector<std::string> split_texts(std::string_view all) {
  constexpr std::string_view kSeparator = "\n__ggml_vocab_test__\n";
  std::vector<std::string> texts;
  while (!all.empty()) {
    const size_t at = all.find(kSeparator);
    texts.emplace_back(all.substr(0, at));
    all.remove_prefix(at == std::string_view::npos ? all.size() : at + kSeparator.size());
  }
  return texts;
}

std::vector<std::string> split_lines(std::string_view all) {
  std::vector<std::string> lines;
  while (!all.empty()) {
    const size_t at = all.find('\n');
    lines.emplace_back(all.substr(0, at));
    all.remove_prefix(at == std::string_view::npos ? all.size() : at + 1);
  }
  return lines;
}

class VocabTest : public testing::TestWithParam<const char*> {};

TEST_P(VocabTest, HasTheReferenceIds) {
  const std::string path = shared_folder + "vocab/ggml-vocab-" + GetParam() + ".gguf";
  const auto texts = split_texts(read_file(path + ".inp"));
  const auto lines = split_lines(read_file(path + ".out"));
  if (texts.empty()) GTEST_SKIP() << "no ../shared/vocab here";
  ASSERT_EQ(texts.size(), lines.size());
  const auto tokenizer = load(path);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  EXPECT_EQ(tokenizer->pre_tokenizer_note(), "");
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto ids = tokenizer->encode(texts[i], {.special = false});
    EXPECT_EQ(ids, parse_ids(lines[i])) << "text " << i << ": " << testing::PrintToString(texts[i]);
    EXPECT_EQ(tokenizer->decode(ids), texts[i]);
  }
}

// The value of a JSON string of which `rest` is what follows the opening quote.
std::string json_string(std::string_view rest) {
  std::string out;
  for (size_t at = 0; rest[at] != '"'; ++at) {
    if (rest[at] != '\\') {
      out += rest[at];
      continue;
    }
    ++at;
    out += rest[at] == 'n' ? '\n' : rest[at];
    EXPECT_NE(rest[at], 'u') << "an escape that this test does not read";
  }
  return out;
}

TEST(ChordTiny, HasTheReferenceIdsOfPrompts) {
  const std::string folder = shared_folder + "models/chord-tiny/";
  const std::string reference = read_file(folder + "reference.json");
  if (reference.empty()) GTEST_SKIP() << "no ../shared/models/chord-tiny here";
  const auto tokenizer = load(folder + "chord-tiny-q8_0.gguf");
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  constexpr std::string_view kPrompt = "\"prompt\": \"";
  constexpr std::string_view kIds = "\"prompt_ids\": [";
  int prompts = 0;
  for (std::string_view rest = reference; rest.contains(kPrompt); ++prompts) {
    rest = rest.substr(rest.find(kPrompt) + kPrompt.size());
    const std::string prompt = json_string(rest);
    rest = rest.substr(rest.find(kIds) + kIds.size());
    EXPECT_EQ(tokenizer->encode(prompt), parse_ids(rest.substr(0, rest.find(']')))) << prompt;
  }
  EXPECT_EQ(prompts, 9);
  EXPECT_EQ(tokenizer->eot(), 2);
  EXPECT_EQ(detect_chat_template(tokenizer->chat_template()), "chatml");
}

INSTANTIATE_TEST_SUITE_P(Shared, VocabTest,
                         testing::Values("deepseek-coder", "falcon", "gpt-2", "llama-bpe", "llama-spm",
                                         "phi-3", "qwen2"));

}  // namespace
}  // namespace chord::text
