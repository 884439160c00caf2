// A made-up WordPiece vocabulary for encoders of random weights.
#pragma once

#include <cstdint>

#include "gguf/metadata.h"

namespace chord::cli {

// Sets tokenizer.ggml.* with the special tokens where BERT has them ([UNK] 100, [CLS] 101, [SEP] 102). The
// others: marks, letters of several scripts, ideographs and emoji; some English words; then strings of two
// and three Latin letters, frequent ones first, that begin words and that go on with them. At least 1024
// tokens.
void set_word_pieces(uint32_t vocab_size, gguf::Metadata& metadata);

}  // namespace chord::cli
