#include "grammar/schema.h"

#include <algorithm>

#include "base/heap_sort.h"
#include "grammar/contains.h"
#include "grammar/expression.h"
#include "grammar/schema_compiler.h"

namespace chord::grammar {
namespace {

// Ways to combine the branches of anyOf and oneOf, of one value.
constexpr size_t kMaxAlternatives = 1024;
constexpr size_t kMaxOneOf = 64;

struct NamedType {
  std::string_view name;
  uint8_t bits;
};
constexpr NamedType kTypes[] = {
    {"null", kNull},     {"boolean", kBoolean}, {"integer", kInteger}, {"number", kInteger | kFractional},
    {"string", kString}, {"array", kArray},     {"object", kObject}};

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t digits = at + 1;
    const uint32_t byte = text[at] == '%' ? take_hex(text, digits, 2) : UINT32_MAX;
    out += byte == UINT32_MAX ? text[at] : static_cast<char>(byte);
    at = byte == UINT32_MAX ? at + 1 : digits;
  }
  return out;
}

// The key of a value in the object that it is a member of, or "".
std::string_view key_of(const Json& json, uint32_t value) {
  const uint32_t parent = json[value].parent;
  if (parent == UINT32_MAX) return "";
  const auto& members = json[parent].members;
  const auto found = std::ranges::find(members, value, &JsonValue::Member::value);
  return found == members.end() ? std::string_view() : found->key;
}

// Not within a value that a schema lists, such as one of `enum`: what looks like a schema there is none.
bool is_schema_place(const Json& json, uint32_t value) {
  constexpr std::string_view kValues[] = {"enum", "const", "default", "examples"};
  constexpr std::string_view kNames[] = {"properties", "patternProperties", "$defs", "definitions"};
  for (; json[value].parent != UINT32_MAX; value = json[value].parent) {
    const bool names_schema = contains(kNames, key_of(json, json[value].parent));
    if (contains(kValues, key_of(json, value)) && !names_schema) return false;
  }
  return true;
}

}  // namespace

Result<Rule> add_json_schema(Builder& builder, Characters& characters, std::string name,
                             std::string_view text) {
  CHORD_ASSIGN(const Json json, Json::parse(text));
  return SchemaCompiler(builder, characters, json).compile(std::move(name));
}

Result<Rule> SchemaCompiler::compile(std::string name) {
  space_ = builder_.add_rule("white space");
  const State end = builder_.add_state();
  builder_.set_final(end);
  builder_.add_jump(builder_.start(space_), end);
  builder_.add_bytes(builder_.start(space_), ' ', ' ', end);
  State indent = builder_.add_state();
  builder_.add_bytes(builder_.start(space_), '\n', '\n', indent);
  for (uint32_t i = 0; i < 32; ++i) {
    builder_.set_final(indent);
    const State next = builder_.add_state();
    builder_.add_bytes(indent, ' ', ' ', next);
    if (i < 8) builder_.add_bytes(indent, '\t', '\t', next);
    indent = next;
  }
  builder_.set_final(indent);

  // Some models begin every answer with a space.
  const Rule root = builder_.add_rule(std::move(name));
  const State begin = builder_.add_state();
  builder_.add_jump(builder_.start(root), begin);
  builder_.add_bytes(builder_.start(root), ' ', ' ', begin);
  const State value_end = builder_.add_state();
  builder_.add_call(begin, rule_for({whole(json_.root())}), value_end);
  builder_.set_final(value_end);
  while (!pending_.empty() && !builder_.full()) {
    const Pending next = std::move(pending_.back());
    pending_.pop_back();
    CHORD_CHECK(build(next.rule, next.set));
  }
  CHORD_CHECK(check_disjoint());
  return root;
}

Rule SchemaCompiler::rule_for(const Set& set) {
  Set key = set;
  heap_sort(key);
  const auto rest = std::ranges::unique(key);
  key.erase(rest.begin(), rest.end());
  const uint32_t number = sets_.intern(key);
  if (number == rules_.size()) {
    rules_.push_back(builder_.add_rule(set.empty() ? "" : json_.pointer(set[0] / 2)));
    pending_.push_back({rules_.back(), set});
  }
  return rules_[number];
}

Result<void> SchemaCompiler::build(Rule rule, const Set& set) {
  std::vector<Plain> alternatives;
  CHORD_CHECK(expand(set, alternatives));
  const State end = builder_.add_state();
  builder_.set_final(end);
  for (const Plain& plain : alternatives) CHORD_CHECK(add_values(plain, builder_.start(rule), end));
  return {};
}

Result<void> SchemaCompiler::expand(Set set, const Plain& owners, Plain plain, std::vector<Choice> choices,
                                    std::vector<Plain>& out) {
  std::vector<uint32_t> one_ofs;
  for (size_t i = 0; i < set.size(); ++i) {
    const uint32_t schema = set[i] / 2;
    const JsonValue& value = json_[schema];
    if (value.kind == JsonValue::Kind::boolean) {
      if (!value.truth) return {};
      continue;
    }
    if (value.kind != JsonValue::Kind::object) {
      return schema_error(ErrorCode::invalid_argument, json_, schema, "a schema is an object, true or false");
    }
    if (contains(owners, schema)) {
      return schema_error(ErrorCode::invalid_argument, json_, schema, "it is one of its own alternatives");
    }
    if (contains(plain, schema)) continue;
    if (!checked_[schema]) CHORD_CHECK(check_keywords(json_, schema));
    checked_[schema] = true;
    plain.push_back(schema);
    if (set[i] == own_keywords(schema)) continue;
    for (const auto& [key, member] : value.members) {
      if (key == "$ref") {
        CHORD_ASSIGN(const uint32_t target, resolve(member));
        set.push_back(whole(target));
      } else if (key == "allOf") {
        for (const uint32_t element : json_[member].elements) set.push_back(whole(element));
      } else if (key == "anyOf" || key == "oneOf") {
        choices.push_back({member, owners});
        choices.back().owners.push_back(schema);
        if (key == "oneOf") one_ofs.push_back(member);
      }
    }
  }
  for (const uint32_t one_of : one_ofs) {
    if (json_[one_of].elements.size() > kMaxOneOf) {
      return schema_error(ErrorCode::unsupported_format, json_, one_of, "\"oneOf\" of more than ", kMaxOneOf,
                          " schemas cannot be enforced; use \"anyOf\"");
    }
    demand_disjoint(one_of, plain);
  }
  if (choices.empty()) {
    if (out.size() == kMaxAlternatives) {
      return schema_error(ErrorCode::unsupported_format, json_, plain.empty() ? json_.root() : plain[0],
                          "there are more than ", kMaxAlternatives, " ways to combine its alternatives");
    }
    out.push_back(std::move(plain));
    return {};
  }
  const Choice choice = std::move(choices.back());
  choices.pop_back();
  for (const uint32_t branch : json_[choice.array].elements) {
    CHORD_CHECK(expand({whole(branch)}, choice.owners, plain, choices, out));
  }
  return {};
}

Result<uint32_t> SchemaCompiler::resolve(uint32_t reference) const {
  std::string_view text = json_[reference].text;
  if (const uint32_t id = json_.find(json_.root(), "$id"); id != UINT32_MAX) {
    if (text.starts_with(json_[id].text)) text.remove_prefix(json_[id].text.size());
  }
  uint32_t target = UINT32_MAX;
  if (text.empty() || text.starts_with("#")) {
    const std::string fragment = percent_decoded(text.substr(std::min<size_t>(text.size(), 1)));
    target = json_.at(fragment);
    for (uint32_t value = 0; value < json_.size() && target == UINT32_MAX; ++value) {
      const uint32_t anchor = json_.find(value, "$anchor");
      if (anchor != UINT32_MAX && json_[anchor].text == fragment && is_schema_place(json_, value))
        target = value;
    }
  }
  if (target != UINT32_MAX) return target;
  return schema_error(ErrorCode::invalid_argument, json_, reference, "\"", json_[reference].text,
                      "\" is nowhere in this schema; other documents are not read");
}

// A value in two branches is no value of `oneOf`; what is beside it holds for both.
void SchemaCompiler::demand_disjoint(uint32_t one_of, const Plain& beside) {
  Set set;
  set.reserve(beside.size() + 2);
  for (const uint32_t schema : beside) set.push_back(own_keywords(schema));
  const auto& branches = json_[one_of].elements;
  for (size_t i = 0; i < branches.size(); ++i) {
    for (size_t j = i + 1; j < branches.size() && !builder_.full(); ++j) {
      Set both = set;
      both.push_back(whole(branches[i]));
      both.push_back(whole(branches[j]));
      disjoint_.push_back({rule_for(both), one_of, i, j});
    }
  }
}

Result<void> SchemaCompiler::check_disjoint() const {
  if (disjoint_.empty() || builder_.full()) return {};
  const std::vector<uint32_t> shortest = builder_.shortest_texts();
  for (const auto& [rule, one_of, first, second] : disjoint_) {
    if (shortest[rule] == kNever) continue;
    return schema_error(
        ErrorCode::unsupported_format, json_, one_of, "its schemas ", first, " and ", second,
        " have values in common, which \"oneOf\" forbids: that cannot be enforced; use \"anyOf\"");
  }
  return {};
}

bool SchemaCompiler::is_impossible(const Set& set) const {
  return std::ranges::any_of(set, [this](Part part) {
    const JsonValue& value = json_[part / 2];
    return value.kind == JsonValue::Kind::boolean && !value.truth;
  });
}

uint32_t SchemaCompiler::least_count(const Plain& plain, std::string_view keyword, uint32_t otherwise) const {
  for (const uint32_t schema : plain) {
    const uint32_t value = json_.find(schema, keyword);
    if (value != UINT32_MAX) otherwise = std::min(otherwise, count_of(json_, value));
  }
  return otherwise;
}

uint32_t SchemaCompiler::largest_count(const Plain& plain, std::string_view keyword) const {
  uint32_t largest = 0;
  for (const uint32_t schema : plain) {
    const uint32_t value = json_.find(schema, keyword);
    if (value != UINT32_MAX) largest = std::max(largest, count_of(json_, value));
  }
  return largest;
}

Result<uint8_t> SchemaCompiler::types_of(const Plain& plain) const {
  CHORD_ASSIGN(const uint8_t types, types_in(plain));
  CHORD_ASSIGN(const Excluded without, excluded(plain));
  return types & ~without.types;
}

Result<uint8_t> SchemaCompiler::types_in(const Plain& plain) const {
  uint8_t types = kAnyType;
  for (const uint32_t schema : plain) {
    const uint32_t value = json_.find(schema, "type");
    if (value == UINT32_MAX) continue;
    const JsonValue& type = json_[value];
    uint8_t allowed = 0;
    const auto allow = [&](const std::string& name) -> Result<void> {
      const auto known = std::ranges::find(kTypes, name, &NamedType::name);
      if (known == std::end(kTypes)) {
        return schema_error(ErrorCode::invalid_argument, json_, value, "\"", name, "\" is not a type");
      }
      allowed |= known->bits;
      return {};
    };
    if (type.kind == JsonValue::Kind::string) CHORD_CHECK(allow(type.text));
    for (const uint32_t element : type.elements) CHORD_CHECK(allow(json_[element].text));
    const uint32_t nullable = json_.find(schema, "nullable");
    if (nullable != UINT32_MAX && json_[nullable].truth) allowed |= kNull;
    types &= allowed;
  }
  return types;
}

Result<void> SchemaCompiler::add_values(const Plain& plain, State from, State to) {
  CHORD_ASSIGN(const uint8_t types, types_of(plain));
  if (has_any(plain, {"enum", "const"})) {
    CHORD_ASSIGN(const auto listed, listed_values(plain, types));
    add_listed(listed, from, to);
    return {};
  }
  if ((types & kNull) != 0) builder_.add_jump(builder_.add_text(from, "null"), to);
  if ((types & kTrue) != 0) builder_.add_jump(builder_.add_text(from, "true"), to);
  if ((types & kFalse) != 0) builder_.add_jump(builder_.add_text(from, "false"), to);
  if ((types & (kInteger | kFractional)) != 0) CHORD_CHECK(add_number(plain, types, from, to));
  if ((types & kString) != 0) CHORD_CHECK(add_string(plain, from, to));
  if ((types & kArray) != 0) CHORD_CHECK(add_array(plain, from, to));
  if ((types & kObject) != 0) CHORD_CHECK(add_object(plain, from, to));
  return {};
}

}  // namespace chord::grammar
