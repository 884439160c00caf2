// Named chat formats: how messages become one prompt.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace chord::text {

struct ChatMessage {
  std::string_view role;  // "system", "user" or "assistant"
  std::string_view content;
};

// The names that format_chat knows: chatml, llama2, llama3, alpaca, mistral, gemma, phi3, zephyr.
std::span<const std::string_view> chat_template_names();

// The prompt for these messages, in the format that models trained on `name` expect. BOS is not part of it:
// encoding adds it where the model wants it (EncodeOptions::bos). add_generation_prompt: ends with what opens
// the assistant's turn.
//
// llama2, mistral and gemma have no system turn; there the system message goes in front of the first user
// message, as their own templates and documentation have it.
//
// invalid_argument: an unknown name or role; a system message that is not the first one; and, for llama2,
// mistral and gemma, user and assistant that do not take turns.
Result<std::string> format_chat(std::string_view name, std::span<const ChatMessage> messages,
                                bool add_generation_prompt);

// One user message, with a system message before it if `system` is given, and the assistant's turn opened.
Result<std::string> format_chat(std::optional<std::string_view> system, std::string_view user,
                                std::string_view name);

// The named format that a Jinja template (tokenizer.chat_template) amounts to, going by characteristic marks
// in it; nothing if none is recognised.
std::optional<std::string_view> detect_chat_template(std::string_view jinja);

}  // namespace chord::text
