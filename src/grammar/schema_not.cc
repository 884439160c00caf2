// What `not` takes away: types, and values that are listed.
#include <algorithm>

#include "grammar/contains.h"
#include "grammar/schema_compiler.h"

namespace chord::grammar {
namespace {

using Kind = JsonValue::Kind;

constexpr uint32_t kNone = UINT32_MAX;

}  // namespace

Result<SchemaCompiler::Excluded> SchemaCompiler::excluded(const Plain& plain) const {
  Excluded excluded;
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
      return schema_error(ErrorCode::unsupported_format, json_, value,
                          "\"not\" can be enforced of a type, and of an \"enum\" or a \"const\"");
    }
    CHORD_ASSIGN(const uint8_t types, types_in({value}));
    if (list == kNone && only == kNone) {
      excluded.types |= types;
      continue;
    }
    for (const uint32_t each : list == kNone ? Plain{only} : json_[list].elements) {
      const uint8_t type = type_of(json_[each]);
      if ((types & type) == 0) continue;
      if ((type & (kArray | kObject)) != 0) {
        return schema_error(ErrorCode::unsupported_format, json_, each,
                            "\"not\" of one array or object cannot be enforced");
      }
      excluded.types |= type & kNull;
      excluded.values.push_back(each);
    }
  }
  return excluded;
}

bool SchemaCompiler::is_listed(const std::vector<uint32_t>& values, uint32_t value) const {
  return std::ranges::any_of(values, [&](uint32_t each) { return json_.equal(each, value); });
}

}  // namespace chord::grammar
