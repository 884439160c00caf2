// The keywords of JSON Schema, and which of them are enforced.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "grammar/json.h"

namespace chord::grammar {

// Whether every keyword of the schema is one that is enforced, or says nothing about values, and has a value
// that it may have. unsupported_format: it is neither, and named. invalid_argument: its value is of the wrong
// kind.
Result<void> check_keywords(const Json& json, uint32_t schema);

// Whether a keyword says nothing about values.
bool is_annotation(std::string_view key);

// "the JSON schema, at "/items/type": ", for a message that goes on.
Error schema_place(ErrorCode code, const Json& json, uint32_t value);

template <class... Parts>
[[gnu::always_inline]] inline std::unexpected<Error> schema_error(ErrorCode code, const Json& json,
                                                                  uint32_t value, const Parts&... parts) {
  return fail(schema_place(code, json, value), parts...);
}

// The value of a keyword that counts, at most UINT32_MAX - 1.
uint32_t count_of(const Json& json, uint32_t value);

}  // namespace chord::grammar
