// JSON schemas as grammars of the texts that they allow.
#pragma once

#include <string_view>

#include "base/error.h"
#include "grammar/characters.h"
#include "grammar/program.h"

namespace chord::grammar {

// Adds what matches the JSON texts of a schema's values (drafts 2019-09 and 2020-12; of older ones, what
// means the same) to a builder; returns the rule, which is called `name`.
//
// Properties come in the order in which the schema declares them, and others after them. Between tokens there
// may be a space, or a line break with an indent of up to 32; a space may come first. Numbers have at most 20
// digits on each side of the point, and no exponent where they are bounded. Characters are escaped only where
// they have to be, if the schema says anything about a string.
//
// invalid_argument: it is not a JSON text, or not a schema. unsupported_format: a keyword that cannot be
// enforced. The messages name the place as a JSON pointer.
Result<Rule> add_json_schema(Builder& builder, Characters& characters, std::string name,
                             std::string_view text);

}  // namespace chord::grammar
