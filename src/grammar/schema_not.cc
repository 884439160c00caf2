// What `not` takes away: types, and values that are listed.
#include <algorithm>

#include "grammar/schema_compiler.h"

namespace chord::grammar {
namespace {

using Kind = JsonValue::Kind;

}  // namespace

Result<SchemaCompiler::Excluded> SchemaCompiler::excluded(const Plain& plain) const {
  Excluded excluded;
  const auto cannot_be_enforced = [this](uint32_t value) {
    return schema_error(
        ErrorCode::unsupported_format, json_, value,
        "\"not\" can be enforced of a type, and of listed values that are no arrays or objects");
  };
  for (const uint32_t schema : plain) {
    const uint32_t value = json_.find(schema, "not");
    if (value == kNone) continue;
    if (json_[value].kind == Kind::boolean) {
      if (json_[value].truth) excluded.types = kAnyType;
      continue;
    }
    CHORD_CHECK(check_keywords(json_, value));
    const auto is_unknown = [](const JsonValue::Member& member) {
      return !is_annotation(member.key) && member.key != "type" && member.key != "enum" &&
             member.key != "const";
    };
    const uint32_t list = json_.find(value, "enum");
    const uint32_t only = json_.find(value, "const");
    if (std::ranges::any_of(json_[value].members, is_unknown) || (list != kNone && only != kNone)) {
      return cannot_be_enforced(value);
    }
    CHORD_ASSIGN(const uint8_t types, types_in({value}));
    if (list == kNone && only == kNone) {
      excluded.types |= types;
      continue;
    }
    for (const uint32_t each : list == kNone ? Plain{only} : json_[list].elements) {
      const uint8_t type = type_of(json_[each]);
      if ((types & type) == 0) continue;
      if ((type & (kArray | kObject)) != 0) return cannot_be_enforced(each);
      if ((type & (kNull | kBoolean)) != 0) {
        excluded.types |= type;
      } else {
        excluded.values.push_back(each);
      }
    }
  }
  return excluded;
}

}  // namespace chord::grammar
