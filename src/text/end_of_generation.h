// Which tokens end a generation.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "gguf/metadata.h"
#include "text/vocabulary.h"

namespace chord::text {

// The token id under `key`; -1 if the key is absent, or its value is 2^32 - 1 as some converters write for
// "none". invalid_model if it is not below vocab_size.
Result<int32_t> read_token_id(const gguf::Metadata& metadata, std::string_view key, size_t vocab_size);

// Fills eot and end_of_generation, and corrects flags: files exist in which the tokens that end a turn or a
// text are marked as normal. Follows llama.cpp (llama-vocab.cpp), so that both stop at the same place:
//   - EOS, EOT and EOM as the file names them, else EOT and EOM by their usual texts;
//   - every token with a text that is known to end a turn or a text;
//   - the padding, repository and file separators of fill-in-the-middle, named or by their usual texts.
Result<void> find_end_of_generation(const gguf::Metadata& metadata, Vocabulary& vocabulary);

}  // namespace chord::text
