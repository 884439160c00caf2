// Regular expressions as JSON Schema's `pattern` has them.
#pragma once

#include <string_view>

#include "base/error.h"
#include "grammar/dfa.h"

namespace chord::grammar {

// The texts in which `pattern` occurs somewhere: ECMA-262 with the flag u, without \b, \B, \p, lookaround and
// references back. invalid_argument: it is not well-formed. unsupported_format: it has what is left out here,
// or needs too large an automaton. Messages name the place, in bytes from 0.
Result<Dfa> compile_regex(std::string_view pattern);

}  // namespace chord::grammar
