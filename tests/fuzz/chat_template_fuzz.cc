// Chat formats over any messages, their detection in any template, and stop strings in what comes out.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/chat_template.h"
#include "text/stop_matcher.h"

namespace {

using namespace chord;

// Messages are lines whose first character is the role.
std::vector<text::ChatMessage> read_messages(std::string_view input) {
  std::vector<text::ChatMessage> messages;
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    if (line.empty()) continue;
    const std::string_view role = line[0] == 's'   ? "system"
                                  : line[0] == 'u' ? "user"
                                  : line[0] == 'a' ? "assistant"
                                                   : line.substr(0, 1);
    messages.push_back({role, line.substr(1)});
  }
  return messages;
}

// The text must end before the first stop string that is complete, however it is cut.
void check_stops(std::string_view text, std::string_view stop, size_t size) {
  text::StopMatcher matcher({std::string(stop), "<|im_end|>"});
  std::string shown;
  for (size_t at = 0; at < text.size() && !matcher.stopped(); at += size) {
    shown += matcher.push(text.substr(at, size)).text;
  }
  shown += matcher.finish();
  if (!text.starts_with(shown)) __builtin_trap();
  if (!matcher.stopped() && shown != text) __builtin_trap();
  if (!stop.empty() && shown.contains(stop)) __builtin_trap();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  (void)text::detect_chat_template(input);
  const auto messages = read_messages(input);
  for (const std::string_view name : text::chat_template_names()) {
    const auto prompt = text::format_chat(name, messages, data[0] % 2 == 0);
    if (!prompt) continue;
    for (const text::ChatMessage& message : messages) {
      const size_t end = message.content.find_last_not_of(" \t\n\v\f\r");
      const std::string_view content = message.content.substr(0, end == std::string_view::npos ? 0 : end + 1);
      const size_t begin = content.find_first_not_of(" \t\n\v\f\r");
      if (begin != std::string_view::npos && !prompt->contains(content.substr(begin))) __builtin_trap();
    }
    check_stops(*prompt, input.substr(0, data[0] % 8), 1 + data[0] / 64);
  }
  const auto prompt = text::format_chat(std::nullopt, input, input.substr(0, 7));
  if (!prompt && prompt.error().message().empty()) __builtin_trap();
  return 0;
}
