// What kind of character a code point is, as far as pre-tokenizers ask.
#pragma once

#include <cstdint>
#include <string_view>

namespace chord::text {

// The general category's first letter, with White_Space taken out of the categories it is spread over.
// Everything else (controls, formats, surrogates, unassigned) is `other`. tools/unicode_tables.mjs has these
// numbers too.
enum class CharClass : uint8_t {
  other = 0,
  letter = 1,       // \p{L}
  mark = 2,         // \p{M}
  number = 3,       // \p{N}
  punctuation = 4,  // \p{P}
  symbol = 5,       // \p{S}
  space = 6,        // \p{White_Space}
};

CharClass char_class(uint32_t code_point);

// The version of the Unicode data, e.g. "17.0".
std::string_view unicode_version();

}  // namespace chord::text
