// What the vocabularies of `chord synth` have in common.
#pragma once

#include <cstdint>
#include <string_view>

namespace chord::cli {

// The numbers of tokenizer.ggml.token_type.
inline constexpr int32_t kNormalToken = 1;
inline constexpr int32_t kControlToken = 3;
inline constexpr int32_t kUnusedToken = 5;

inline constexpr std::string_view kLettersByFrequency = "etaoinshrdlcumwfgypbvkjxqz";

}  // namespace chord::cli
