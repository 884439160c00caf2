#include "grammar/keywords.h"

#include <algorithm>
#include <array>

#include "grammar/decimal.h"

namespace chord::grammar {
namespace {

using Kind = JsonValue::Kind;

// What the value of a keyword has to be.
enum class Shape : uint8_t {
  anything,
  annotation,  // anything, and it says nothing about values
  schema,
  schemas,            // an array of at least one
  schemas_or_schema,  // of `items`
  named_schemas,
  count,
  number,
  positive_number,
  text,
  texts,
  truth,
  types,
};

struct Keyword {
  std::string_view name;
  Shape shape;
};

constexpr std::array kKeywords = std::to_array<Keyword>({
    {"$anchor", Shape::annotation},
    {"$comment", Shape::annotation},
    {"$defs", Shape::annotation},
    {"$id", Shape::text},
    {"$ref", Shape::text},
    {"$schema", Shape::annotation},
    {"additionalItems", Shape::schema},
    {"additionalProperties", Shape::schema},
    {"allOf", Shape::schemas},
    {"anyOf", Shape::schemas},
    {"const", Shape::anything},
    {"contains", Shape::schema},
    {"default", Shape::annotation},
    {"definitions", Shape::annotation},
    {"deprecated", Shape::annotation},
    {"description", Shape::annotation},
    {"enum", Shape::anything},
    {"examples", Shape::annotation},
    {"exclusiveMaximum", Shape::number},
    {"exclusiveMinimum", Shape::number},
    {"format", Shape::text},
    {"items", Shape::schemas_or_schema},
    {"maxItems", Shape::count},
    {"maxLength", Shape::count},
    {"maxProperties", Shape::count},
    {"maximum", Shape::number},
    {"minItems", Shape::count},
    {"minLength", Shape::count},
    {"minProperties", Shape::count},
    {"minimum", Shape::number},
    {"multipleOf", Shape::positive_number},
    {"not", Shape::schema},
    {"nullable", Shape::truth},
    {"oneOf", Shape::schemas},
    {"pattern", Shape::text},
    {"patternProperties", Shape::named_schemas},
    {"prefixItems", Shape::schemas},
    {"properties", Shape::named_schemas},
    {"propertyNames", Shape::schema},
    {"readOnly", Shape::annotation},
    {"required", Shape::texts},
    {"title", Shape::annotation},
    {"type", Shape::types},
    {"uniqueItems", Shape::truth},
    {"writeOnly", Shape::annotation},
});

bool is_schema(const JsonValue& value) {
  return value.kind == Kind::object || value.kind == Kind::boolean;
}

bool are_schemas(const Json& json, const JsonValue& value) {
  return value.kind == Kind::array && !value.elements.empty() &&
         std::ranges::all_of(value.elements, [&](uint32_t element) { return is_schema(json[element]); });
}

bool are_texts(const Json& json, const JsonValue& value) {
  return value.kind == Kind::array && std::ranges::all_of(value.elements, [&](uint32_t element) {
           return json[element].kind == Kind::string;
         });
}

// What is expected, or "" if it is that.
std::string_view expected(const Json& json, const JsonValue& value, Shape shape) {
  switch (shape) {
    case Shape::anything:
    case Shape::annotation:
      return "";
    case Shape::schema:
      return is_schema(value) ? "" : "a schema";
    case Shape::schemas:
      return are_schemas(json, value) ? "" : "an array of schemas, at least one";
    case Shape::schemas_or_schema:
      return is_schema(value) || are_schemas(json, value) ? "" : "a schema";
    case Shape::named_schemas: {
      const bool fits = value.kind == Kind::object &&
                        std::ranges::all_of(value.members, [&](const JsonValue::Member& member) {
                          return is_schema(json[member.value]);
                        });
      return fits ? "" : "an object of schemas";
    }
    case Shape::count: {
      const auto number = value.kind == Kind::number ? parse_decimal(value.text) : std::nullopt;
      return number && number->fraction.empty() && !number->negative ? ""
                                                                     : "a whole number that is not negative";
    }
    case Shape::number:
      return value.kind == Kind::number && parse_decimal(value.text) ? "" : "a number of at most 400 digits";
    case Shape::positive_number: {
      const auto number = value.kind == Kind::number ? parse_decimal(value.text) : std::nullopt;
      return number && !number->negative && !number->is_zero() ? "" : "a number above 0";
    }
    case Shape::text:
      return value.kind == Kind::string ? "" : "a string";
    case Shape::texts:
      return are_texts(json, value) ? "" : "an array of strings";
    case Shape::truth:
      return value.kind == Kind::boolean ? "" : "true or false";
    case Shape::types:
      return value.kind == Kind::string || are_texts(json, value) ? ""
                                                                  : "the name of a type, or an array of such";
  }
  return "";
}

}  // namespace

Result<void> check_keywords(const Json& json, uint32_t schema) {
  for (const auto& [key, value] : json[schema].members) {
    // What OpenAPI leaves to whoever extends it.
    if (key.starts_with("x-")) continue;
    const auto keyword = std::ranges::find(kKeywords, key, &Keyword::name);
    if (keyword == kKeywords.end()) {
      return schema_error(ErrorCode::unsupported_format, json, value, "\"", key,
                          "\" cannot be enforced; leave it out, and check the answer");
    }
    const std::string_view wanted = expected(json, json[value], keyword->shape);
    if (!wanted.empty()) return schema_error(ErrorCode::invalid_argument, json, value, "it must be ", wanted);
    if (key == "$id" && schema != json.root()) {
      return schema_error(ErrorCode::unsupported_format, json, value,
                          "only the whole schema may have an \"$id\"; references are within one schema");
    }
    if (key == "enum" && json[value].kind != Kind::array) {
      return schema_error(ErrorCode::invalid_argument, json, value, "it must be an array");
    }
  }
  return {};
}

bool is_annotation(std::string_view key) {
  const auto keyword = std::ranges::find(kKeywords, key, &Keyword::name);
  return key.starts_with("x-") || (keyword != kKeywords.end() && keyword->shape == Shape::annotation);
}

Error schema_place(ErrorCode code, const Json& json, uint32_t value) {
  return fail(code, "the JSON schema, at \"", json.pointer(value), "\": ").error();
}

uint32_t count_of(const Json& json, uint32_t value) {
  uint64_t count = 0;
  for (const char c : parse_decimal(json[value].text)->whole) {
    count = std::min<uint64_t>(count * 10 + static_cast<uint64_t>(c - '0'), UINT32_MAX - 1);
  }
  return static_cast<uint32_t>(count);
}

}  // namespace chord::grammar
