// Grammars as users of llama.cpp write them.
#pragma once

#include <span>
#include <string_view>

#include "base/error.h"
#include "grammar/characters.h"
#include "grammar/program.h"

namespace chord::grammar {

// Adds the rules of a grammar in GBNF to a builder; returns its rule "root".
//
//   root  ::= "[" item ("," item)* "]"    # alternatives |, groups ( ), repetitions * + ? {m} {m,} {m,n}
//   item  ::= [a-z\u00e9] | [^"\x00-\x1F] | .
//
// A rule ends with its line, except inside parentheses and before a "|" that begins the next one. Names are
// of letters, digits, - and _. `known` rules of the builder can be called by their names, and not be defined
// again.
//
// invalid_argument: it is not well-formed, has no root, calls a rule that it does not define; the message
// names line and column. Left recursion is refused by Builder::finish.
Result<Rule> add_gbnf(Builder& builder, Characters& characters, std::string_view text,
                      std::span<const Rule> known);

}  // namespace chord::grammar
