// chord_tokenize, chord_detokenize, chord_model_token_texts, chord_format_chat.
#include <algorithm>

#include "abi/handles.h"
#include "abi/last_error.h"
#include "text/chat_template.h"

using namespace chord;
using namespace chord::abi;

namespace {

chord_code deliver_text(const std::string& from, char* text, size_t capacity, size_t* length) {
  from.copy(text, capacity);
  *length = from.size();
  return CHORD_OK;
}

}  // namespace

extern "C" {

chord_code chord_tokenize(const chord_model* model, const char* text, size_t length, uint32_t flags,
                          int32_t* tokens, size_t capacity, size_t* count) {
  const auto tokenizer = loaded_tokenizer(model);
  if (!tokenizer) return report(tokenizer);
  const std::vector<int32_t> ids = (*tokenizer)
                                       ->encode({text, length}, {.special = (flags & CHORD_TEXT_SPECIAL) != 0,
                                                                 .bos = (flags & CHORD_TEXT_BOS) != 0,
                                                                 .eos = (flags & CHORD_TEXT_EOS) != 0});
  std::copy_n(ids.begin(), std::min(capacity, ids.size()), tokens);
  *count = ids.size();
  return CHORD_OK;
}

chord_code chord_detokenize(const chord_model* model, const int32_t* tokens, size_t count, uint32_t flags,
                            char* text, size_t capacity, size_t* length) {
  const auto tokenizer = loaded_tokenizer(model);
  if (!tokenizer) return report(tokenizer);
  return deliver_text((*tokenizer)->decode({tokens, count}, (flags & CHORD_TEXT_SPECIAL) != 0), text,
                      capacity, length);
}

chord_code chord_model_token_texts(const chord_model* model, uint32_t token_count, char* texts,
                                   size_t capacity, uint32_t* ends, uint8_t* flags, size_t* length) {
  const auto tokenizer = loaded_tokenizer(model);
  if (!tokenizer) return report(tokenizer);
  std::string bytes;
  for (uint32_t i = 0; i < token_count; ++i) {
    const auto token = static_cast<int32_t>(i);
    (*tokenizer)->append_piece(token, false, bytes);
    ends[i] = static_cast<uint32_t>(bytes.size());
    flags[i] = (*tokenizer)->is_end_of_generation(token) ? CHORD_TOKEN_ENDS : 0;
  }
  return deliver_text(bytes, texts, capacity, length);
}

chord_code chord_format_chat(const char* template_name, const char* system, size_t system_length,
                             const char* user, size_t user_length, char* text, size_t capacity,
                             size_t* length) {
  const auto system_text =
      system != nullptr ? std::optional(std::string_view(system, system_length)) : std::nullopt;
  const auto prompt = text::format_chat(system_text, {user, user_length}, template_name);
  if (!prompt) return report(prompt);
  return deliver_text(*prompt, text, capacity, length);
}

}  // extern "C"
