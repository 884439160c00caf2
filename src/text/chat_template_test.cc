#include "text/chat_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace chord::text {
namespace {

using testing::HasSubstr;

const std::vector<ChatMessage> talk = {
    {"system", "Be brief."}, {"user", " Hi "}, {"assistant", "Hello"}, {"user", "Bye"}};

std::string formatted(std::string_view name, std::span<const ChatMessage> messages, bool generation = true) {
  const auto text = format_chat(name, messages, generation);
  return text ? *text : "error: " + text.error().message();
}

std::string error_of(std::string_view name, std::vector<ChatMessage> messages) {
  const auto text = format_chat(name, messages, true);
  if (text) return "no error";
  EXPECT_EQ(text.error().code(), ErrorCode::invalid_argument);
  return text.error().message();
}

TEST(FormatChat, WritesEveryFormat) {
  EXPECT_EQ(
      formatted("chatml", talk),
      "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hi <|im_end|>\n"
      "<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(formatted("llama2", talk),
            "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello </s><s>[INST] Bye [/INST]");
  EXPECT_EQ(formatted("llama3", talk),
            "<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n");
  EXPECT_EQ(formatted("alpaca", talk),
            "Be brief.\n\n### Instruction:\n Hi \n\n### Response:\nHello\n\n### Instruction:\nBye\n\n### "
            "Response:\n");
  EXPECT_EQ(formatted("mistral", talk), "[INST] Be brief.\n\n Hi  [/INST] Hello</s>[INST] Bye [/INST]");
  EXPECT_EQ(formatted("gemma", talk),
            "<start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\nHello<end_of_turn>\n"
            "<start_of_turn>user\nBye<end_of_turn>\n<start_of_turn>model\n");
  EXPECT_EQ(formatted("phi3", talk),
            "<|system|>\nBe brief.<|end|>\n<|user|>\n Hi <|end|>\n<|assistant|>\nHello<|end|>\n"
            "<|user|>\nBye<|end|>\n<|assistant|>\n");
  EXPECT_EQ(formatted("zephyr", talk),
            "<|system|>\nBe brief.</s>\n<|user|>\n Hi </s>\n<|assistant|>\nHello</s>\n"
            "<|user|>\nBye</s>\n<|assistant|>\n");
}

TEST(FormatChat, LeavesTheAssistantsTurnClosedUnlessAsked) {
  EXPECT_EQ(formatted("chatml", std::vector<ChatMessage>{{"user", "Hi"}}, false),
            "<|im_start|>user\nHi<|im_end|>\n");
}

TEST(FormatChat, OpensAlpacaWithItsOwnInstruction) {
  EXPECT_EQ(
      formatted("alpaca", std::vector<ChatMessage>{{"user", "Hi"}}),
      "Below is an instruction that describes a task. Write a response that appropriately completes the "
      "request.\n\n### Instruction:\nHi\n\n### Response:\n");
}

TEST(FormatChat, NamesTheKnownTemplates) {
  const std::string message = error_of("chatmll", {{"user", "Hi"}});
  EXPECT_THAT(message, HasSubstr("\"chatmll\""));
  for (const std::string_view name : chat_template_names())
    EXPECT_THAT(message, HasSubstr(std::string(name)));
  EXPECT_EQ(chat_template_names().size(), 8);
}

TEST(FormatChat, RefusesMessagesThatHaveNoPlace) {
  EXPECT_THAT(error_of("chatml", {}), HasSubstr("no messages"));
  EXPECT_THAT(error_of("chatml", {{"robot", ""}}), HasSubstr("message 0 has the role \"robot\""));
  EXPECT_THAT(error_of("chatml", {{"user", ""}, {"system", ""}}), HasSubstr("message 1 is a system message"));
  EXPECT_THAT(error_of("gemma", {{"user", ""}, {"user", ""}}), HasSubstr("message 1 is from user"));
  EXPECT_THAT(error_of("mistral", {{"system", ""}, {"assistant", ""}}), HasSubstr("needs one from user"));
  EXPECT_THAT(error_of("llama2", {{"system", ""}}), HasSubstr("there is none"));
  EXPECT_EQ(formatted("chatml", std::vector<ChatMessage>{{"user", "a"}, {"user", "b"}}, false),
            "<|im_start|>user\na<|im_end|>\n<|im_start|>user\nb<|im_end|>\n");
}

TEST(FormatChat, TakesSystemAndUserAlone) {
  EXPECT_EQ(format_chat("S", "U", "zephyr").value(), "<|system|>\nS</s>\n<|user|>\nU</s>\n<|assistant|>\n");
  EXPECT_EQ(format_chat(std::nullopt, "U", "zephyr").value(), "<|user|>\nU</s>\n<|assistant|>\n");
  EXPECT_FALSE(format_chat(std::nullopt, "U", ""));
}

TEST(DetectChatTemplate, GoesByMarks) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"{{'<|im_start|>' + message['role'] + '\n'", "chatml"},
      {"{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }} '<<SYS>>\\n'", "llama2"},
      {"{{ '[INST] ' + message['content'] + ' [/INST]' }}", "mistral"},
      {"'<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'", "llama3"},
      {"'<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n'", "gemma"},
      {"{{'<|user|>' + '\n' + message['content'] + '<|end|>' + '\n' + '<|assistant|>' + '\n'}}", "phi3"},
      {"{{ '<|user|>\n' + message['content'] + eos_token }} {{ '<|assistant|>' }}", "zephyr"},
      {"'### Instruction:\n' + message['content'] + '\n\n### Response:\n'", "alpaca"},
  };
  for (const auto& [jinja, name] : cases) EXPECT_EQ(detect_chat_template(jinja), name) << jinja;
  EXPECT_EQ(detect_chat_template(""), std::nullopt);
  EXPECT_EQ(detect_chat_template("'<|im_start|>user<|im_sep|>'"), std::nullopt);
  EXPECT_EQ(detect_chat_template("### Instruction: ### Response: <|EOT|>"), std::nullopt);
}

}  // namespace
}  // namespace chord::text
