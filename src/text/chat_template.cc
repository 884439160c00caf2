#include "text/chat_template.h"

#include <array>

namespace chord::text {
namespace {

struct Turn {
  std::string_view open;
  std::string_view close;
};

struct Format {
  std::string_view name;
  Turn system;
  Turn user;
  Turn assistant;
  std::string_view generation;      // what opens the assistant's turn
  bool system_inside_user = false;  // the system message goes into the first user turn
  bool alternates = false;          // user and assistant take turns, beginning with user
  bool trims = false;               // white space around contents is dropped
  bool separate_exchanges = false;  // a user turn that is not the first begins a new sequence
  bool alpaca_system = false;       // kAlpacaSystem unless there is a system message
};

// The sentence that Stanford Alpaca was trained with.
constexpr std::string_view kAlpacaSystem =
    "Below is an instruction that describes a task. Write a response that appropriately completes the "
    "request.";

constexpr std::array kFormats = {
    // OpenAI's ChatML.
    Format{.name = "chatml",
           .system = {"<|im_start|>system\n", "<|im_end|>\n"},
           .user = {"<|im_start|>user\n", "<|im_end|>\n"},
           .assistant = {"<|im_start|>assistant\n", "<|im_end|>\n"},
           .generation = "<|im_start|>assistant\n"},
    // meta-llama/Llama-2-chat: every exchange is a sequence of its own.
    Format{.name = "llama2",
           .system = {"<<SYS>>\n", "\n<</SYS>>\n\n"},
           .user = {"[INST] ", " [/INST]"},
           .assistant = {" ", " </s>"},
           .generation = "",
           .system_inside_user = true,
           .alternates = true,
           .trims = true,
           .separate_exchanges = true},
    Format{.name = "llama3",
           .system = {"<|start_header_id|>system<|end_header_id|>\n\n", "<|eot_id|>"},
           .user = {"<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>"},
           .assistant = {"<|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>"},
           .generation = "<|start_header_id|>assistant<|end_header_id|>\n\n",
           .trims = true},
    Format{.name = "alpaca",
           .system = {"", "\n\n"},
           .user = {"### Instruction:\n", "\n\n"},
           .assistant = {"### Response:\n", "\n\n"},
           .generation = "### Response:\n",
           .alpaca_system = true},
    // mistralai/Mistral-7B-Instruct-v0.2.
    Format{.name = "mistral",
           .system = {"", "\n\n"},
           .user = {"[INST] ", " [/INST]"},
           .assistant = {" ", "</s>"},
           .generation = "",
           .system_inside_user = true,
           .alternates = true},
    Format{.name = "gemma",
           .system = {"", "\n\n"},
           .user = {"<start_of_turn>user\n", "<end_of_turn>\n"},
           .assistant = {"<start_of_turn>model\n", "<end_of_turn>\n"},
           .generation = "<start_of_turn>model\n",
           .system_inside_user = true,
           .alternates = true,
           .trims = true},
    Format{.name = "phi3",
           .system = {"<|system|>\n", "<|end|>\n"},
           .user = {"<|user|>\n", "<|end|>\n"},
           .assistant = {"<|assistant|>\n", "<|end|>\n"},
           .generation = "<|assistant|>\n"},
    Format{.name = "zephyr",
           .system = {"<|system|>\n", "</s>\n"},
           .user = {"<|user|>\n", "</s>\n"},
           .assistant = {"<|assistant|>\n", "</s>\n"},
           .generation = "<|assistant|>\n"},
};

constexpr auto kNames = [] {
  std::array<std::string_view, kFormats.size()> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = kFormats[i].name;
  return names;
}();

Result<const Format*> find_format(std::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return &format;
  }
  std::string known;
  for (const std::string_view other : kNames) known += concat(known.empty() ? "" : ", ", other);
  return fail(ErrorCode::invalid_argument, "chat template \"", name, "\" is not known; the known ones are ",
              known);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";
  const size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

Result<void> check(const Format& format, std::span<const ChatMessage> messages) {
  if (messages.empty()) return fail(ErrorCode::invalid_argument, "there are no messages to format");
  const bool has_system = messages.front().role == "system";
  for (size_t i = 0; i < messages.size(); ++i) {
    const std::string_view role = messages[i].role;
    if (role != "system" && role != "user" && role != "assistant") {
      return fail(ErrorCode::invalid_argument, "message ", i, " has the role \"", role,
                  "\"; the roles are system, user and assistant");
    }
    if (role == "system" && i != 0) {
      return fail(ErrorCode::invalid_argument, "message ", i,
                  " is a system message; only the first may be one");
    }
    if (!format.alternates || role == "system") continue;
    const std::string_view due = (i - (has_system ? 1 : 0)) % 2 == 0 ? "user" : "assistant";
    if (role != due) {
      return fail(ErrorCode::invalid_argument, "message ", i, " is from ", role, " where the template \"",
                  format.name, "\" needs one from ", due, ": they take turns, beginning with user");
    }
  }
  if (has_system && format.system_inside_user && messages.size() == 1) {
    return fail(ErrorCode::invalid_argument, "the template \"", format.name,
                "\" puts the system message into the first user message, and there is none");
  }
  return {};
}

class Writer {
 public:
  explicit Writer(const Format& format) : format_(format) {}

  void add(const ChatMessage& message) {
    if (message.role == "system") {
      append(format_.system_inside_user ? system_ : out_, format_.system, message.content);
    } else if (message.role == "assistant") {
      append(out_, format_.assistant, message.content);
    } else {
      if (has_user_ && format_.separate_exchanges) out_ += "<s>";
      has_user_ = true;
      append(out_, {format_.user.open, system_}, {});
      append(out_, {{}, format_.user.close}, message.content);
      system_.clear();
    }
  }

  std::string take() && { return std::move(out_); }

 private:
  void append(std::string& out, const Turn& turn, std::string_view text) const {
    out += turn.open;
    out += format_.trims ? trimmed(text) : text;
    out += turn.close;
  }

  const Format& format_;
  std::string out_;
  std::string system_;  // until the user turn that it goes into
  bool has_user_ = false;
};

}  // namespace

std::span<const std::string_view> chat_template_names() {
  return kNames;
}

Result<std::string> format_chat(std::string_view name, std::span<const ChatMessage> messages,
                                bool add_generation_prompt) {
  CHORD_ASSIGN(const Format* format, find_format(name));
  CHORD_CHECK(check(*format, messages));
  Writer writer(*format);
  if (messages.front().role != "system" && format->alpaca_system) {
    writer.add({"system", kAlpacaSystem});
  }
  for (const ChatMessage& message : messages) writer.add(message);
  std::string out = std::move(writer).take();
  if (add_generation_prompt) out += format->generation;
  return out;
}

Result<std::string> format_chat(std::optional<std::string_view> system, std::string_view user,
                                std::string_view name) {
  const std::array messages = {ChatMessage{"system", system.value_or("")}, ChatMessage{"user", user}};
  return format_chat(name, std::span(messages).subspan(system ? 0 : 1), /*add_generation_prompt=*/true);
}

std::optional<std::string_view> detect_chat_template(std::string_view jinja) {
  const auto has = [&](std::string_view mark) { return jinja.contains(mark); };
  // Phi-4 writes its turns otherwise than ChatML, with the same marks.
  if (has("<|im_start|>")) return has("<|im_sep|>") ? std::nullopt : std::optional("chatml");
  if (has("<|start_header_id|>")) return "llama3";
  if (has("<start_of_turn>")) return "gemma";
  if (has("[INST]")) return has("<<SYS>>") ? "llama2" : "mistral";
  if (has("<|assistant|>") && has("<|end|>")) return "phi3";
  if (has("<|assistant|>") && has("<|user|>") && (has("</s>") || has("eos_token"))) return "zephyr";
  // DeepSeek Coder has Alpaca's headings and ends turns in its own way.
  if (has("### Instruction:") && has("### Response:") && !has("<|EOT|>")) return "alpaca";
  return std::nullopt;
}

}  // namespace chord::text
