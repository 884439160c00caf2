#include "shapes.h"

#include <algorithm>

namespace chord::cli {
namespace {

constexpr RopeStretch kLlama32Stretch = {
    .factor = 32, .low_freq_factor = 1, .high_freq_factor = 4, .original_context_length = 8192};

// From the models' published configurations; what is left out is as in shapes.h.
constexpr Shape kShapes[] = {
    {.name = "tinyllama-1.1b",
     .title = "TinyLlama 1.1B",
     .size_label = "1.1B",
     .block_count = 22,
     .embedding_length = 2048,
     .feed_forward_length = 5632,
     .head_count = 32,
     .head_count_kv = 4,
     .key_length = 64,
     .vocab_size = 32000,
     .context_length = 2048},
    {.name = "llama-3.2-1b",
     .title = "Llama 3.2 1B",
     .size_label = "1B",
     .pre_tokenizer = "llama-bpe",
     .block_count = 16,
     .embedding_length = 2048,
     .feed_forward_length = 8192,
     .head_count = 32,
     .head_count_kv = 8,
     .key_length = 64,
     .vocab_size = 128256,
     .context_length = 131072,
     .rope_freq_base = 500000,
     .ties_output = true,
     .rope_stretch = kLlama32Stretch},
    {.name = "llama-3.2-3b",
     .title = "Llama 3.2 3B",
     .size_label = "3B",
     .pre_tokenizer = "llama-bpe",
     .block_count = 28,
     .embedding_length = 3072,
     .feed_forward_length = 8192,
     .head_count = 24,
     .head_count_kv = 8,
     .key_length = 128,
     .vocab_size = 128256,
     .context_length = 131072,
     .rope_freq_base = 500000,
     .ties_output = true,
     .rope_stretch = kLlama32Stretch},
    {.name = "qwen3-0.6b",
     .title = "Qwen3 0.6B",
     .size_label = "0.6B",
     .architecture = "qwen3",
     .pre_tokenizer = "qwen2",
     .block_count = 28,
     .embedding_length = 1024,
     .feed_forward_length = 3072,
     .head_count = 16,
     .head_count_kv = 8,
     .key_length = 128,
     .vocab_size = 151936,
     .context_length = 40960,
     .rope_freq_base = 1000000,
     .layer_norm_rms_epsilon = 1e-6f,
     .ties_output = true,
     .norms_heads = true},
    {.name = "llama-2-7b",
     .title = "Llama 2 7B",
     .size_label = "7B",
     .block_count = 32,
     .embedding_length = 4096,
     .feed_forward_length = 11008,
     .head_count = 32,
     .head_count_kv = 32,
     .key_length = 128,
     .vocab_size = 32000,
     .context_length = 4096},
    {.name = "llama-3-8b",
     .title = "Llama 3 8B",
     .size_label = "8B",
     .pre_tokenizer = "llama-bpe",
     .block_count = 32,
     .embedding_length = 4096,
     .feed_forward_length = 14336,
     .head_count = 32,
     .head_count_kv = 8,
     .key_length = 128,
     .vocab_size = 128256,
     .context_length = 8192,
     .rope_freq_base = 500000},
    // No model that anyone published: for tests.
    {.name = "tiny",
     .title = "Tiny",
     .size_label = "2M",
     .pre_tokenizer = "llama-bpe",
     .block_count = 2,
     .embedding_length = 256,
     .feed_forward_length = 512,
     .head_count = 4,
     .head_count_kv = 2,
     .key_length = 64,
     .vocab_size = 1024,
     .context_length = 512,
     .rope_stretch =
         RopeStretch{
             .factor = 4, .low_freq_factor = 1, .high_freq_factor = 4, .original_context_length = 128}},
};

}  // namespace

std::span<const Shape> shapes() {
  return kShapes;
}

const Shape* find_shape(std::string_view name) {
  const auto* found = std::ranges::find(kShapes, name, &Shape::name);
  return found == std::end(kShapes) ? nullptr : found;
}

}  // namespace chord::cli
