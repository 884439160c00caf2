#pragma once

#include <string>

#include "gguf/metadata.h"

namespace chord::abi {

// A value as a person reads it: strings as they are, numbers in decimal, arrays as type and length
// ("string[32000]").
std::string to_text(const gguf::Value& value);

}  // namespace chord::abi
