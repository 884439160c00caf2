// The ids of the vocabularies in ../shared/vocab, and of chord-tiny's reference prompts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gguf/reader.h"
#include "text/tokenizer.h"

namespace chord::text {
namespace {

const std::string kShared = std::string(CHORD_SOURCE_DIR) + "/../shared/";

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
  const std::string path = kShared + "vocab/ggml-vocab-" + GetParam() + ".gguf";
  const auto texts = split_texts(read_file(path + ".inp"));
  const auto lines = split_lines(read_file(path + ".out"));
  if (texts.empty()) GTEST_SKIP() << "no ../shared/vocab here";
  ASSERT_EQ(texts.size(), lines.size());
  const auto tokenizer = load(path);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ(tokenizer->pre_tokenizer_note(), "");
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto ids = tokenizer->encode(texts[i], {.special = false});
    EXPECT_EQ(ids, parse_ids(lines[i])) << "text " << i << ": " << testing::PrintToString(texts[i]);
    EXPECT_EQ(tokenizer->decode(ids), texts[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(Shared, VocabTest,
                         testing::Values("deepseek-coder", "falcon", "gpt-2", "llama-bpe", "llama-spm",
                                         "phi-3", "qwen2"));

}  // namespace
}  // namespace chord::text
