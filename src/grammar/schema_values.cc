// Strings, numbers, and values that a schema lists.
#include <algorithm>
#include <span>

#include "grammar/decimal.h"
#include "grammar/expression.h"
#include "grammar/formats.h"
#include "grammar/regex.h"
#include "grammar/schema_compiler.h"

namespace chord::grammar {
namespace {

using Kind = JsonValue::Kind;

// The error of a pattern or a number, with the place in the schema.
std::unexpected<Error> at_place(const Json& json, uint32_t value, const Error& error) {
  return schema_error(error.code(), json, value, error.message());
}

// The numbers of JSON that are no integers.
Result<Dfa> fractional_numbers() {
  CHORD_ASSIGN(const Dfa all, compile_regex(kPlainNumberPattern));
  CHORD_ASSIGN(const Dfa integers, compile_regex(kIntegralPattern));
  return intersection(all, integers, true);
}

}  // namespace

uint8_t type_of(const JsonValue& value) {
  switch (value.kind) {
    case Kind::null:
      return kNull;
    case Kind::boolean:
      return value.truth ? kTrue : kFalse;
    case Kind::number: {
      const auto number = parse_decimal(value.text);
      return number && number->fraction.empty() ? kInteger : kFractional;
    }
    case Kind::string:
      return kString;
    case Kind::array:
      return kArray;
    case Kind::object:
      break;
  }
  return kObject;
}

bool SchemaCompiler::has_any(const Plain& plain, std::initializer_list<std::string_view> keywords) const {
  return std::ranges::any_of(plain, [&](uint32_t schema) {
    return std::ranges::any_of(keywords,
                               [&](std::string_view key) { return json_.find(schema, key) != UINT32_MAX; });
  });
}

// The values that all lists have, and that fulfil what else is said about them.
Result<std::vector<uint32_t>> SchemaCompiler::listed_values(const Plain& plain, uint8_t types) {
  std::vector<std::vector<uint32_t>> lists;
  for (const uint32_t schema : plain) {
    if (const uint32_t value = json_.find(schema, "enum"); value != UINT32_MAX)
      lists.push_back(json_[value].elements);
    if (const uint32_t value = json_.find(schema, "const"); value != UINT32_MAX) lists.push_back({value});
  }
  CHORD_ASSIGN(const auto strings, string_language(plain));
  CHORD_ASSIGN(const auto numbers, number_language(plain, kInteger | kFractional));
  std::vector<uint32_t> listed;
  for (const uint32_t value : lists[0]) {
    const JsonValue& candidate = json_[value];
    const auto others = std::span(lists).subspan(1);
    const bool everywhere = std::ranges::all_of(others, [&](const std::vector<uint32_t>& list) {
      return std::ranges::any_of(list, [&](uint32_t other) { return json_.equal(value, other); });
    });
    if (!everywhere || (types & type_of(candidate)) == 0) continue;
    if (candidate.kind == Kind::string && strings && !matches(*strings, candidate.text)) continue;
    if (candidate.kind == Kind::number && numbers && !matches(*numbers, plain_number(candidate.text)))
      continue;
    const bool is_array = candidate.kind == Kind::array;
    if ((is_array &&
         has_any(plain, {"items", "prefixItems", "contains", "uniqueItems", "minItems", "maxItems"})) ||
        (candidate.kind == Kind::object &&
         has_any(plain, {"properties", "required", "additionalProperties", "patternProperties",
                         "propertyNames", "minProperties", "maxProperties"}))) {
      return schema_error(ErrorCode::unsupported_format, json_, value, is_array ? "an array" : "an object",
                          " in a list of values cannot be checked against what the schema says beside it");
    }
    listed.push_back(value);
  }
  return listed;
}

// Strings as a tree, so that a text is one way through it however many there are.
void SchemaCompiler::add_listed(const std::vector<uint32_t>& values, State from, State to) {
  std::vector<std::string_view> strings;
  for (const uint32_t value : values) {
    if (json_[value].kind == Kind::string) {
      strings.push_back(json_[value].text);
    } else {
      builder_.add_jump(add_json(value, from), to);
    }
  }
  if (strings.empty()) return;
  const State begin = builder_.add_text(from, "\"");
  const State end = add_dfa(builder_, characters_, one_of(strings), Spelling::json, begin);
  builder_.add_bytes(end, '"', '"', to);
}

State SchemaCompiler::add_json(uint32_t number, State from) {
  const JsonValue& value = json_[number];
  switch (value.kind) {
    case Kind::null:
      return builder_.add_text(from, "null");
    case Kind::boolean:
      return builder_.add_text(from, value.truth ? "true" : "false");
    case Kind::number:
      return builder_.add_text(from, plain_number(value.text));
    case Kind::string:
      return builder_.add_text(from, quoted(value.text));
    case Kind::array:
      from = builder_.add_text(from, "[");
      for (const uint32_t element : value.elements) {
        if (element != value.elements[0]) from = builder_.add_text(from, ",");
        from = add_json(element, add_space(from));
      }
      return builder_.add_text(value.elements.empty() ? from : add_space(from), "]");
    case Kind::object:
      break;
  }
  from = builder_.add_text(from, "{");
  for (const auto& [key, member] : value.members) {
    if (member != value.members[0].value) from = builder_.add_text(from, ",");
    from = add_json(member, add_space(builder_.add_text(add_space(from), quoted(key) + ":")));
  }
  return builder_.add_text(value.members.empty() ? from : add_space(from), "}");
}

// Nothing: any string.
Result<std::optional<Dfa>> SchemaCompiler::string_language(const Plain& plain) {
  std::optional<Dfa> language;
  for (const uint32_t schema : plain) {
    if (const uint32_t value = json_.find(schema, "pattern"); value != UINT32_MAX) {
      auto dfa = compile_regex(json_[value].text);
      if (!dfa) return at_place(json_, value, dfa.error());
      CHORD_CHECK(narrow(language, std::move(*dfa)));
    }
    if (const uint32_t value = json_.find(schema, "format"); value != UINT32_MAX) {
      CHORD_ASSIGN(auto dfa, texts_of_format(json_[value].text));
      if (!dfa) {
        return schema_error(ErrorCode::unsupported_format, json_, value, "the format \"", json_[value].text,
                            "\" cannot be enforced; those that can are ", format_names());
      }
      CHORD_CHECK(narrow(language, std::move(*dfa)));
    }
  }
  const uint32_t least = largest_count(plain, "minLength");
  const uint32_t most = least_count(plain, "maxLength", kUnbounded);
  if (least != 0 || most != kUnbounded) {
    auto dfa = texts_of_length(least, most);
    if (!dfa) return at_place(json_, plain[0], dfa.error());
    CHORD_CHECK(narrow(language, std::move(*dfa)));
  }
  CHORD_ASSIGN(const Excluded without, excluded(plain));
  std::vector<std::string_view> texts;
  for (const uint32_t value : without.values) {
    if (json_[value].kind == Kind::string) texts.push_back(json_[value].text);
  }
  if (texts.empty()) return language;
  CHORD_ASSIGN(language, intersection(language ? *language : any_text(), one_of(texts), true));
  return language;
}

Result<void> SchemaCompiler::add_string(const Plain& plain, State from, State to) {
  CHORD_ASSIGN(const auto language, string_language(plain));
  if (!language) {
    builder_.add_call(from, string_rule(), to);
    return {};
  }
  const State end = add_dfa(builder_, characters_, *language, Spelling::json, builder_.add_text(from, "\""));
  builder_.add_bytes(end, '"', '"', to);
  return {};
}

// Any string, with every escape that there is, but no half of a character.
Rule SchemaCompiler::string_rule() {
  if (string_rule_) return *string_rule_;
  string_rule_ = builder_.add_rule("a string");
  const State inside = builder_.add_text(builder_.start(*string_rule_), "\"");
  characters_.add_utf8(inside, {{0x20, 0x21}, {0x23, 0x5B}, {0x5D, 0xD7FF}, {0xE000, kLastCodePoint}},
                       inside);
  builder_.set_final(builder_.add_text(inside, "\""));
  const State backslash = builder_.add_text(inside, "\\");
  // Pairs of the first and the last byte of a range.
  const auto add_ranges = [this](State from, std::string_view ranges, State to) {
    for (size_t i = 0; i < ranges.size(); i += 2) {
      builder_.add_bytes(from, static_cast<uint8_t>(ranges[i]), static_cast<uint8_t>(ranges[i + 1]), to);
    }
  };
  const auto add_step = [&](State from, std::string_view ranges) {
    const State next = builder_.add_state();
    add_ranges(from, ranges, next);
    return next;
  };
  const auto add_digits = [&](State from, uint32_t count, State to) {
    for (; count > 1; --count) from = add_step(from, "09AFaf");
    add_ranges(from, "09AFaf", to);
  };
  add_ranges(backslash, "\"\"\\\\//bbffnnrrtt", inside);
  const State escape = builder_.add_text(backslash, "u");
  add_digits(add_step(escape, "09ACEFacef"), 3, inside);
  const State d = add_step(escape, "DDdd");
  add_digits(add_step(d, "07"), 2, inside);
  // A character above U+FFFF: its two halves.
  const State half = builder_.add_state();
  add_digits(add_step(d, "89ABab"), 2, half);
  const State low = add_step(builder_.add_text(half, "\\u"), "DDdd");
  add_digits(add_step(low, "CFcf"), 2, inside);
  return *string_rule_;
}

Result<std::optional<Dfa>> SchemaCompiler::number_language(const Plain& plain, uint8_t types) {
  std::optional<Dfa> language;
  constexpr struct {
    std::string_view keyword;
    Bound side;
  } kBounds[] = {{"minimum", Bound::at_least},
                 {"exclusiveMinimum", Bound::above},
                 {"maximum", Bound::at_most},
                 {"exclusiveMaximum", Bound::below}};
  for (const uint32_t schema : plain) {
    for (const auto& [keyword, side] : kBounds) {
      const uint32_t value = json_.find(schema, keyword);
      if (value == UINT32_MAX) continue;
      CHORD_CHECK(narrow(language, numbers_beside(*parse_decimal(json_[value].text), side)));
    }
    if (const uint32_t value = json_.find(schema, "multipleOf"); value != UINT32_MAX) {
      auto dfa = multiples_of(*parse_decimal(json_[value].text));
      if (!dfa) return at_place(json_, value, dfa.error());
      CHORD_CHECK(narrow(language, std::move(*dfa)));
    }
  }
  const bool integers = (types & kFractional) == 0;
  if ((types & kInteger) == 0) {
    CHORD_ASSIGN(Dfa fractional, fractional_numbers());
    CHORD_CHECK(narrow(language, std::move(fractional)));
  }
  CHORD_ASSIGN(const Excluded without, excluded(plain));
  const auto is_number = [&](uint32_t value) { return json_[value].kind == Kind::number; };
  if (!language && std::ranges::none_of(without.values, is_number)) return language;
  CHORD_ASSIGN(Dfa written, compile_regex(integers ? kIntegerPattern : kPlainNumberPattern));
  CHORD_CHECK(narrow(language, std::move(written)));
  for (const uint32_t value : without.values) {
    const auto number = is_number(value) ? parse_decimal(json_[value].text) : std::nullopt;
    if (!number) continue;
    CHORD_ASSIGN(const Dfa equal, intersection(numbers_beside(*number, Bound::at_least),
                                               numbers_beside(*number, Bound::at_most)));
    CHORD_ASSIGN(language, intersection(*language, equal, true));
  }
  return language;
}

Result<void> SchemaCompiler::add_number(const Plain& plain, uint8_t types, State from, State to) {
  CHORD_ASSIGN(const auto language, number_language(plain, types));
  if (!language) {
    builder_.add_call(from, number_rule((types & kFractional) == 0), to);
  } else {
    builder_.add_jump(add_dfa(builder_, characters_, *language, Spelling::utf8, from), to);
  }
  return {};
}

Rule SchemaCompiler::number_rule(bool integers) {
  auto& rule = number_rules_[integers ? 1 : 0];
  if (rule) return *rule;
  rule = builder_.add_rule("a number");
  const auto language = compile_regex(integers ? kIntegerPattern : kNumberPattern);
  builder_.set_final(add_dfa(builder_, characters_, *language, Spelling::utf8, builder_.start(*rule)));
  return *rule;
}

}  // namespace chord::grammar
