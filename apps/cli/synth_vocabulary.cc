#include "synth_vocabulary.h"

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "synth_tokens.h"
#include "text/byte_level.h"
#include "text/utf8.h"

namespace chord::cli {
namespace {

constexpr char kChatTemplate[] =
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

std::string spelled(uint8_t byte) {
  std::string letter;
  text::append_utf8(text::letter_of_byte(byte), letter);
  return letter;
}

class MergedTokens {
 public:
  explicit MergedTokens(size_t size) : size_(size) {
    for (uint32_t byte = 0; byte < 256; ++byte) tokens_.push_back(spelled(static_cast<uint8_t>(byte)));
  }

  // Adds what left and right make together, for all pairs or until the vocabulary is full, those of small
  // indices first. Returns what was added.
  std::vector<std::string> cross(const std::vector<std::string>& left,
                                 const std::vector<std::string>& right) {
    std::vector<std::string> added;
    for (size_t sum = 0; sum + 1 < left.size() + right.size(); ++sum) {
      for (size_t i = sum < right.size() ? 0 : sum - right.size() + 1; i < left.size() && i <= sum; ++i) {
        if (tokens_.size() == size_) return added;
        const std::string& other = right[sum - i];
        merges_.push_back(left[i] + " " + other);
        added.push_back(left[i] + other);
        tokens_.push_back(added.back());
      }
    }
    return added;
  }

  const std::vector<std::string>& tokens() const { return tokens_; }
  const std::vector<std::string>& merges() const { return merges_; }

 private:
  size_t size_;
  std::vector<std::string> tokens_;
  std::vector<std::string> merges_;
};

// Every level makes longer strings than those before it, with a space or without, so no token comes twice.
MergedTokens words(size_t size) {
  std::vector<std::string> letters;
  for (const char letter : kLettersByFrequency) letters.emplace_back(1, letter);
  MergedTokens vocabulary(size);
  const auto spaced_letters = vocabulary.cross({spelled(' ')}, letters);
  const auto pairs = vocabulary.cross(letters, letters);
  const auto spaced_pairs = vocabulary.cross(spaced_letters, letters);
  vocabulary.cross(spaced_pairs, letters);
  vocabulary.cross(pairs, letters);
  vocabulary.cross(spaced_pairs, pairs);
  return vocabulary;
}

gguf::Value strings(const std::vector<std::string>& texts) {
  gguf::StringArray array;
  for (const std::string& text : texts) array.push_back(text);
  return {gguf::Array(std::move(array))};
}

}  // namespace

void set_vocabulary(uint32_t vocab_size, std::string_view pre_tokenizer, gguf::Metadata& metadata) {
  const auto first_control = static_cast<uint32_t>(vocab_size - std::size(kSynthControlTokens));
  const MergedTokens vocabulary = words(first_control);
  std::vector<std::string> tokens = vocabulary.tokens();
  std::vector<int32_t> types(tokens.size(), kNormalToken);
  for (const std::string_view token : kSynthControlTokens) {
    tokens.emplace_back(token);
    types.push_back(kControlToken);
  }
  metadata.set("tokenizer.ggml.model", {std::string("gpt2")});
  metadata.set("tokenizer.ggml.pre", {std::string(pre_tokenizer)});
  metadata.set("tokenizer.ggml.tokens", strings(tokens));
  metadata.set("tokenizer.ggml.token_type", {gguf::Array(types)});
  metadata.set("tokenizer.ggml.merges", strings(vocabulary.merges()));
  metadata.set("tokenizer.ggml.bos_token_id", {first_control});
  metadata.set("tokenizer.ggml.eos_token_id", {first_control + 1});
  metadata.set("tokenizer.ggml.eot_token_id", {first_control + 3});
  metadata.set("tokenizer.ggml.add_bos_token", {true});
  metadata.set("tokenizer.chat_template", {std::string(kChatTemplate)});
}

}  // namespace chord::cli
