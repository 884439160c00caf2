#include <algorithm>

#include "grammar/contains.h"
#include "grammar/expression.h"
#include "grammar/regex.h"
#include "grammar/schema_compiler.h"

namespace chord::grammar {
namespace {

// Names can be in each pattern or not: so many combinations are kept apart as 2 to the power of this.
constexpr size_t kMaxPatterns = 5;

struct Property {
  std::string name;
  bool required;
  std::vector<uint32_t> values;  // a Set
};

struct Pattern {
  std::string_view text;
  Dfa names;
};

}  // namespace

struct SchemaCompiler::Objects {
  std::vector<Property> properties;     // that can be there, in order
  std::vector<std::string_view> taken;  // names that no other property can have
  std::vector<Pattern> patterns;
  std::optional<Dfa> names;  // that are allowed; nothing: all
  uint32_t least = 0;
  uint32_t most = kUnbounded;
  bool possible = true;
};

Result<void> SchemaCompiler::add_object(const Plain& plain, State from, State to) {
  Objects objects;
  objects.least = largest_count(plain, "minProperties");
  objects.most = least_count(plain, "maxProperties", kUnbounded);
  CHORD_CHECK(read_patterns(plain, objects));
  CHORD_CHECK(read_names(plain, objects));
  read_properties(plain, objects);
  if (!objects.possible) return {};
  CHORD_ASSIGN(const auto others, other_members(plain, objects));
  const auto required = std::ranges::count_if(objects.properties, &Property::required);
  // A text can have a name twice, which then counts once.
  if (!others.empty() && objects.least > 1 && std::cmp_greater(objects.least, required)) {
    return schema_error(ErrorCode::unsupported_format, json_, plain[0], "\"minProperties\" of ",
                        objects.least,
                        " cannot be enforced where names are free; use \"required\", or "
                        "\"additionalProperties\": false");
  }
  add_members(objects, others, from, to);
  return {};
}

Result<void> SchemaCompiler::read_patterns(const Plain& plain, Objects& objects) {
  for (const uint32_t schema : plain) {
    const uint32_t patterns = json_.find(schema, "patternProperties");
    if (patterns == kNone) continue;
    for (const auto& [text, value] : json_[patterns].members) {
      if (contains(objects.patterns, text, &Pattern::text)) continue;
      auto names = compile_regex(text);
      if (!names) return schema_error(names.error().code(), json_, value, names.error().message());
      objects.patterns.push_back({text, std::move(*names)});
    }
    if (objects.patterns.size() > kMaxPatterns) {
      return schema_error(ErrorCode::unsupported_format, json_, patterns, "more than ", kMaxPatterns,
                          " patterns for one object cannot be enforced");
    }
  }
  return {};
}

Result<void> SchemaCompiler::read_names(const Plain& plain, Objects& objects) {
  Set set;
  uint32_t place = 0;
  for (const uint32_t schema : plain) {
    const uint32_t names = json_.find(schema, "propertyNames");
    if (names == kNone) continue;
    set.push_back(whole(names));
    place = names;
  }
  if (set.empty()) return {};
  std::vector<Plain> alternatives;
  CHORD_CHECK(expand(set, alternatives));
  if (alternatives.size() > 1) {
    return schema_error(ErrorCode::unsupported_format, json_, place,
                        "alternatives for names cannot be enforced");
  }
  objects.names = one_of({});
  if (alternatives.empty()) return {};
  CHORD_ASSIGN(const uint8_t types, types_of(alternatives[0]));
  if ((types & kString) == 0) return {};
  if (!has_any(alternatives[0], {"enum", "const"})) {
    CHORD_ASSIGN(objects.names, string_language(alternatives[0]));
    return {};
  }
  CHORD_ASSIGN(const auto listed, listed_values(alternatives[0], kString));
  std::vector<std::string_view> texts;
  texts.reserve(listed.size());
  for (const uint32_t value : listed) texts.push_back(json_[value].text);
  objects.names = one_of(texts);
  return {};
}

// Those that are declared, and then those that are only required.
void SchemaCompiler::read_properties(const Plain& plain, Objects& objects) const {
  std::vector<std::string_view> names;
  std::vector<std::string_view> required;
  const auto add = [](std::vector<std::string_view>& list, std::string_view name) {
    if (!contains(list, name)) list.push_back(name);
  };
  for (const uint32_t schema : plain) {
    const uint32_t properties = json_.find(schema, "properties");
    if (properties == kNone) continue;
    for (const auto& member : json_[properties].members) add(names, member.key);
  }
  for (const uint32_t schema : plain) {
    const uint32_t list = json_.find(schema, "required");
    if (list == kNone) continue;
    for (const uint32_t element : json_[list].elements) {
      add(required, json_[element].text);
      add(names, json_[element].text);
    }
  }
  for (const std::string_view name : names) {
    uint32_t patterns = 0;
    for (size_t i = 0; i < objects.patterns.size(); ++i) {
      if (matches(objects.patterns[i].names, name)) patterns |= 1U << i;
    }
    Property property{std::string(name), contains(required, name), {}};
    property.values = values_of(plain, objects, &property.name, patterns);
    objects.taken.push_back(name);
    if (is_impossible(property.values) || (objects.names && !matches(*objects.names, name))) {
      objects.possible = objects.possible && !property.required;
    } else {
      objects.properties.push_back(std::move(property));
    }
  }
}

// Schemas of the value that belongs to a name in these patterns: a declared one, or any other (nullptr).
SchemaCompiler::Set SchemaCompiler::values_of(const Plain& plain, const Objects& objects,
                                              const std::string* name, uint32_t patterns) const {
  Set values;
  for (const uint32_t schema : plain) {
    const size_t before = values.size();
    const uint32_t properties = json_.find(schema, "properties");
    if (properties != kNone && name != nullptr) {
      if (const uint32_t value = json_.find(properties, *name); value != kNone)
        values.push_back(whole(value));
    }
    const uint32_t by_pattern = json_.find(schema, "patternProperties");
    for (size_t i = 0; i < objects.patterns.size() && by_pattern != kNone; ++i) {
      const uint32_t value = json_.find(by_pattern, objects.patterns[i].text);
      if (value != kNone && (patterns >> i & 1) != 0) values.push_back(whole(value));
    }
    const uint32_t others = json_.find(schema, "additionalProperties");
    if (values.size() == before && others != kNone) values.push_back(whole(others));
  }
  return values;
}

// Rules of members that are not declared: one for each combination of patterns that a name can be in.
Result<std::vector<Rule>> SchemaCompiler::other_members(const Plain& plain, const Objects& objects) {
  std::vector<Rule> rules;
  for (uint32_t patterns = 0; patterns < 1U << objects.patterns.size(); ++patterns) {
    const Set values = values_of(plain, objects, nullptr, patterns);
    if (is_impossible(values)) continue;
    std::optional<Dfa> names = objects.names;
    const auto narrow_to = [&names](const Dfa& with, bool without) -> Result<void> {
      CHORD_ASSIGN(names, intersection(names ? *names : any_text(), with, without));
      return {};
    };
    for (size_t i = 0; i < objects.patterns.size(); ++i) {
      CHORD_CHECK(narrow_to(objects.patterns[i].names, (patterns >> i & 1) == 0));
    }
    if (!objects.taken.empty()) CHORD_CHECK(narrow_to(one_of(objects.taken), true));
    if (names && is_empty(*names)) continue;
    const Rule rule = builder_.add_rule("a member");
    State state = builder_.start(rule);
    if (names) {
      state = add_dfa(builder_, characters_, *names, Spelling::json, builder_.add_text(state, "\""));
      state = builder_.add_text(state, "\"");
    } else {
      const State next = builder_.add_state();
      builder_.add_call(state, string_rule(), next);
      state = next;
    }
    const State end = builder_.add_state();
    builder_.set_final(end);
    builder_.add_call(add_space(builder_.add_text(state, ":")), rule_for(values), end);
    rules.push_back(rule);
  }
  return rules;
}

// The members in their order, each left out or not. There is a state for each count of those that are there,
// as far as it matters: whether a comma is needed, and the limits.
void SchemaCompiler::add_members(const Objects& objects, const std::vector<Rule>& others, State from,
                                 State to) {
  const auto& properties = objects.properties;
  const bool limited = objects.most < properties.size() || (objects.most != kUnbounded && !others.empty());
  const uint32_t last = std::max({limited ? objects.most : 0, objects.least, 1U});
  std::vector<State> here;  // by count
  const auto add_row = [&] {
    std::vector<State> row;
    for (uint32_t count = 0; count <= last && !builder_.full(); ++count) row.push_back(builder_.add_state());
    return row;
  };
  const auto add_member = [&](const std::vector<State>& row, const std::vector<State>& behind, Rule member) {
    for (uint32_t count = 0; count < row.size() && count < behind.size(); ++count) {
      if (limited && count >= objects.most) break;
      const State before = count == 0 ? row[count] : builder_.add_text(row[count], ",");
      builder_.add_call(add_space(before), member, behind[std::min<size_t>(count + 1, behind.size() - 1)]);
    }
  };
  here = add_row();
  if (here.empty()) return;
  builder_.add_jump(builder_.add_text(from, "{"), here[0]);
  for (const Property& property : properties) {
    const Rule member = builder_.add_rule("a member");
    const State end = builder_.add_state();
    builder_.set_final(end);
    const State name = builder_.add_text(builder_.start(member), quoted(property.name) + ":");
    builder_.add_call(add_space(name), rule_for(property.values), end);
    const std::vector<State> next = add_row();
    add_member(here, next, member);
    if (!property.required) {
      for (size_t count = 0; count < next.size(); ++count) builder_.add_jump(here[count], next[count]);
    }
    if (next.empty()) return;
    here = next;
  }
  for (const Rule member : others) add_member(here, here, member);
  for (uint32_t count = objects.least; count < here.size(); ++count) {
    builder_.add_jump(builder_.add_text(count == 0 ? here[count] : add_space(here[count]), "}"), to);
  }
}

}  // namespace chord::grammar
