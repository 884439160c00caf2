#pragma once

#include <string>
#include <string_view>

namespace chord::gguf {

// Whether text is well-formed UTF-8 (no surrogates, no overlong forms, nothing above U+10FFFF).
bool is_utf8(std::string_view text);

// Text from a file, for a message: in double quotes, everything but printable ASCII as \xNN, cut after 64
// bytes. A message stays valid UTF-8 and cannot carry terminal escapes, whatever the file holds.
std::string quoted(std::string_view text);

}  // namespace chord::gguf
