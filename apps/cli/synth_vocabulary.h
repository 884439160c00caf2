// A made-up vocabulary for models of random weights: byte-level BPE that takes any text.
#pragma once

#include <cstdint>
#include <string_view>

#include "gguf/metadata.h"

namespace chord::cli {

// The control tokens, which are the last ids, in this order.
inline constexpr std::string_view kSynthControlTokens[] = {"<s>", "</s>", "<|im_start|>", "<|im_end|>"};

// The smallest vocabulary: the bytes and the control tokens.
inline constexpr uint32_t kMinSynthVocabulary = 256 + 4;

// Sets tokenizer.ggml.* and a ChatML template. The tokens: 256 bytes; then strings of lower-case letters,
// most with a space before them, short ones and frequent letters first, each the merge of two earlier tokens;
// then the control tokens. A text of English words takes a token for about three letters.
void set_vocabulary(uint32_t vocab_size, std::string_view pre_tokenizer, gguf::Metadata& metadata);

}  // namespace chord::cli
