// What JSON Schema's `format` stands for.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "grammar/dfa.h"

namespace chord::grammar {

// The texts of a format; nothing for one that is not known. Every text is one of the format, but some of the
// format are left out: leap seconds, quoted parts of e-mail addresses, numeric hosts in URIs, long host names
// of more than five parts.
Result<std::optional<Dfa>> texts_of_format(std::string_view format);

// Their names, for messages.
std::string_view format_names();

}  // namespace chord::grammar
